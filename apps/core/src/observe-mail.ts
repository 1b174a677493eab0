import type { Logger, Metrics } from "@stoa/runtime";
import type { MailHealth, MailObserver } from "./notifications/index.ts";

/** What an operator watches of mails. */
export interface MailObservers extends MailObserver {
  health(health: MailHealth): void;
}

export function mailObservers(logger: Logger, metrics: Metrics): MailObservers {
  const mails = metrics.counter({
    name: "mails_total",
    help: "Tries to hand a mail to the mail server, by kind and outcome",
    labels: ["kind", "outcome"],
  });
  const waited = metrics.histogram({
    name: "mail_wait_seconds",
    help: "From the fact that owed a mail until the mail server took it",
    labels: ["kind"],
    buckets: [0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 3_600, 86_400],
  });
  const waiting = metrics.gauge({ name: "mails_waiting", help: "Mails that are owed and have not left", labels: [] });
  const oldest = metrics.gauge({ name: "mails_oldest_seconds", help: "Age of the oldest of them", labels: [] });
  const dead = metrics.gauge({ name: "mails_dead", help: "Mails given up within seven days", labels: [] });
  return {
    sent(kind, waitedMs) {
      mails({ kind, outcome: "sent" });
      waited({ kind }, waitedMs / 1_000);
    },
    failed({ id: emailId, kind, orderId, attempts }, error) {
      mails({ kind, outcome: "failed" });
      const mail = { emailId, kind, orderId, attempts };
      logger.warn("a mail could not be handed over and will be tried again", { ...mail, error });
    },
    unwanted({ id: emailId, kind, orderId }) {
      mails({ kind, outcome: "unwanted" });
      logger.info("a mail is not to be sent any more", { emailId, kind, orderId });
    },
    dead({ id: emailId, kind, orderId, attempts }, error) {
      mails({ kind, outcome: "dead" });
      logger.error("a mail was given up; it can be sent again", { emailId, kind, orderId, attempts, error });
    },
    health(health) {
      waiting({}, health.waiting);
      oldest({}, health.oldestSeconds);
      dead({}, health.dead);
    },
  };
}
