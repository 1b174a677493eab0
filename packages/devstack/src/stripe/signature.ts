import { createHmac } from "node:crypto";

/** The headers of one webhook attempt. The time is the real one, because receivers refuse signatures older than 5 minutes. */
export function webhookHeaders(secret: string, body: string): Readonly<Record<string, string>> {
  const time = Math.floor(Date.now() / 1000);
  const signature = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
  return {
    "content-type": "application/json; charset=utf-8",
    "stripe-signature": `t=${time},v1=${signature}`,
    "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
  };
}
