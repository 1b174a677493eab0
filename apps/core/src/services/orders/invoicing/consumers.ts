import { idSchema } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { readSetting } from "../../../platform/settings/index.ts";
import { findRefund, refundOfCause } from "../../payments/index.ts";
import { order, orderLine } from "../tables.ts";
import { type InvoicingDeps, issueCreditNote, issueInvoice } from "./issue.ts";
import { invoicingSetting } from "./settings.ts";

interface Delivery {
  readonly payload: unknown;
}

type Consumer = Readonly<Record<string, (delivery: Delivery) => Promise<void>>>;

const orderId = idSchema("ord");

/** What messages of this service mean for its papers. Each may come any number of times: a paper is issued once for its cause. */
export function createInvoicingConsumer(deps: InvoicingDeps): Consumer {
  return {
    async "order.confirmed"({ payload }) {
      const message = z.object({ orderId }).parse(payload);
      const { issue } = await readSetting(deps.db, invoicingSetting);
      if (issue === "at_confirmation" && (await isBilled(deps, message.orderId)))
        await issueInvoice(deps, message.orderId);
    },
    async "order.refunded"({ payload }) {
      const message = z.object({ orderId, refundId: z.string().min(1).max(100) }).parse(payload);
      const given = await findRefund(deps.db, message.refundId);
      if (!given) return;
      await issueCreditNote(deps, { orderId: message.orderId, cause: message.refundId, amount: given.amount.amount });
    },
    async "return.changed"({ payload }) {
      const message = z.object({ orderId, returnId: idSchema("ret"), state: z.string() }).parse(payload);
      if (message.state !== "exchanged") return;
      // What was paid for goods that were exchanged is billed by the order that replaces them.
      const cause = `exchange/${message.returnId}`;
      const given = await refundOfCause(deps.db, cause);
      if (given) await issueCreditNote(deps, { orderId: message.orderId, cause, amount: given.amount });
    },
    async "order.cancelled"({ payload }) {
      const message = z.object({ orderId }).parse(payload);
      if (!(await isCancelledWhole(deps, message.orderId))) return;
      await issueCreditNote(deps, { orderId: message.orderId, cause: "cancelled", amount: null });
    },
  };
}

/** A message may come late: an order that was cancelled meanwhile is not billed any more. */
async function isBilled({ db }: InvoicingDeps, id: z.output<typeof orderId>): Promise<boolean> {
  const [row] = await db.select({ state: order.state }).from(order).where(eq(order.id, id));
  return row?.state === "confirmed" || row?.state === "completed";
}

/** Of an order that left the house in part, that part stays billed; what goes back for the rest is credited refund by refund. */
async function isCancelledWhole({ db }: InvoicingDeps, id: z.output<typeof orderId>): Promise<boolean> {
  const rows = await db
    .select({ state: order.state, shipped: orderLine.shipped })
    .from(order)
    .innerJoin(orderLine, eq(orderLine.orderId, order.id))
    .where(eq(order.id, id));
  return rows.length > 0 && rows.every(({ state, shipped }) => state === "cancelled" && shipped === 0);
}
