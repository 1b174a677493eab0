import { idSchema } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { readSetting } from "../../../platform/settings/index.ts";
import { order } from "../tables.ts";
import { type InvoicingDeps, issueInvoice } from "./issue.ts";
import { invoicingSetting } from "./settings.ts";
import { settlePapers } from "./settle.ts";

interface Delivery {
  readonly payload: unknown;
}

type Consumer = Readonly<Record<string, (delivery: Delivery) => Promise<void>>>;

const orderId = idSchema("ord");

/** What messages of this service mean for its papers. Each may come any number of times: a paper is issued once for its cause. */
export function createInvoicingConsumer(deps: InvoicingDeps): Consumer {
  const settle = ({ payload }: Delivery) => settlePapers(deps, z.object({ orderId }).parse(payload).orderId);
  return {
    async "order.confirmed"({ payload }) {
      const message = z.object({ orderId }).parse(payload);
      const { issue } = await readSetting(deps.db, invoicingSetting);
      if (issue === "at_confirmation" && (await isBilled(deps, message.orderId)))
        await issueInvoice(deps, message.orderId);
    },
    "order.cancelled": settle,
    "order.refunded": settle,
    "order.revalued": settle,
    "return.changed": settle,
  };
}

/** A message may come late: an order that was cancelled meanwhile is not billed any more. */
async function isBilled({ db }: InvoicingDeps, id: z.output<typeof orderId>): Promise<boolean> {
  const [row] = await db.select({ state: order.state }).from(order).where(eq(order.id, id));
  return row?.state === "confirmed" || row?.state === "completed";
}
