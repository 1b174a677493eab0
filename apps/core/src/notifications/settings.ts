import { z } from "zod";
import { defineSetting, timeZoneSchema } from "../platform/settings/index.ts";

const placeholders = /\{(\w+)\}/g;

/** How the shop writes. */
export const mailSetting = defineSetting(
  "mail",
  z.strictObject({
    /** Language and country of the texts, amounts and dates; without it the shop's own. */
    locale: z.string().min(2).max(20).nullable(),
    timeZone: timeZoneSchema,
    /** Where answers go; without it to MAIL_FROM. */
    replyTo: z.email().max(254).nullable(),
    /** Who is told that stock has run low; null: nobody. */
    stockAlertsTo: z.email().max(254).nullable().default(null),
    /** The storefront's page of an order; `{orderId}`, `{number}` and `{accessToken}` are filled in. Without it mails have no link to it. */
    orderUrl: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .nullable(),
    /** The storefront's page for a payment link; `{token}` is filled in. Without it mails lead to the API's own answer. */
    paymentUrl: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .nullable()
      .default(null),
    /** Send the invoice along with the confirmation. */
    attachInvoice: z.boolean(),
  }),
  {
    locale: null,
    timeZone: "UTC",
    replyTo: null,
    stockAlertsTo: null,
    orderUrl: null,
    paymentUrl: null,
    attachInvoice: false,
  },
);
export type MailSettings = z.infer<typeof mailSetting.schema>;

/** The address of a page, each part escaped; what is no part of it stays as it is. */
export function fillUrl(template: string, parts: Readonly<Record<string, string>>): string {
  const known = new Map(Object.entries(parts));
  return template.replaceAll(placeholders, (text, name: string) => {
    const part = known.get(name);
    return part === undefined ? text : encodeURIComponent(part);
  });
}
