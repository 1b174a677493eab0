import { z } from "zod";
import { defineSetting, timeZoneSchema } from "../../../platform/settings/index.ts";

const line = z.string().trim().min(1).max(120);

/** Who sells, and how invoices are numbered. Each invoice keeps what was set when it was issued. */
export const invoicingSetting = defineSetting(
  "invoicing",
  z.strictObject({
    seller: z.strictObject({
      name: line,
      /** Address, one line each. */
      lines: z.array(line).max(6),
      taxId: line.nullable(),
      email: z.email().max(254).nullable(),
    }),
    /** Bank account, register entries and whatever else the law wants at the foot of each page. */
    footer: z.array(line).max(4),
    invoicePrefix: z.string().max(20),
    creditNotePrefix: z.string().max(20),
    /** `on_request`: when somebody first wants it; `at_confirmation`: for every order, as soon as it is confirmed. */
    issue: z.enum(["on_request", "at_confirmation"]),
    /** Null for the shop's own. */
    locale: z.string().min(2).max(20).nullable(),
    timeZone: timeZoneSchema,
  }),
  {
    seller: { name: "Stoa shop", lines: [], taxId: null, email: null },
    footer: [],
    invoicePrefix: "INV-",
    creditNotePrefix: "CN-",
    issue: "on_request",
    locale: null,
    timeZone: "UTC",
  },
);
export type InvoicingSettings = z.infer<typeof invoicingSetting.schema>;
