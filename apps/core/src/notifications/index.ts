export type { MailFile, MailSources } from "./facts.ts";
export { eraseFromMails, purgeMails } from "./forget.ts";
export { type MailStanding, readMailStanding } from "./mail-standing.ts";
export type { MailObserver } from "./mailer.ts";
export { type AccountMailRequest, createNotifications, type Notifications } from "./notifications.ts";
export { type MailHealth, type MailView, mailsOfCustomer, mailsOfOrder, readMailHealth } from "./queries.ts";
export { createNotificationsRouter, type NotificationsRouterDeps } from "./router.ts";
export { createSmtpTransport, greetMailServer } from "./transport.ts";
