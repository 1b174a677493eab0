import { z } from "zod";
import { defineSetting } from "../platform/settings/index.ts";

const placeholders = /\{(orderId|number|accessToken)\}/g;

/** How the shop writes. */
export const mailSetting = defineSetting(
  "mail",
  z.strictObject({
    /** Language and country of the texts, amounts and dates; without it the shop's own. */
    locale: z.string().min(2).max(20).nullable(),
    timeZone: z.string().max(50).refine(isTimeZone, "must be a time zone such as Europe/Berlin"),
    /** Where answers go; without it to MAIL_FROM. */
    replyTo: z.email().max(254).nullable(),
    /** The storefront's page of an order; `{orderId}`, `{number}` and `{accessToken}` are filled in. Without it mails have no link to it. */
    orderUrl: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .nullable(),
    /** Send the invoice along with the confirmation. */
    attachInvoice: z.boolean(),
  }),
  { locale: null, timeZone: "UTC", replyTo: null, orderUrl: null, attachInvoice: false },
);
export type MailSettings = z.infer<typeof mailSetting.schema>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export interface OrderUrlParts {
  readonly orderId: string;
  readonly number: string;
  readonly accessToken: string;
}

/** The address of an order's page, each part escaped. */
export function fillOrderUrl(template: string, parts: OrderUrlParts): string {
  return template.replaceAll(placeholders, (_, name: keyof OrderUrlParts) => encodeURIComponent(parts[name]));
}
