import { expect, setDefaultTimeout, test } from "bun:test";
import { type Currency, chargeStep, type Money, money, type OrderId, Problem, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { transact } from "../../../platform/db/index.ts";
import { saveTaxRate } from "../../carts/index.ts";
import { createPaymentsRouter } from "../../payments/index.ts";
import { cancelLines } from "../cancel-lines.ts";
import { cancelOrder } from "../cancel-order.ts";
import { createDraft } from "../compose-draft.ts";
import { linesOf } from "../lock-order.ts";
import { approveReturn } from "../move-return.ts";
import type { ChangeContent } from "../order-change.ts";
import { acceptManually } from "../pay-change.ts";
import { markDraftPaid } from "../pay-draft.ts";
import { receiveReturn } from "../receive-return.ts";
import { refundReturn } from "../refund-return.ts";
import { requestReturn } from "../request-return.ts";
import { act, shipped, staffWith } from "../testing/after-sale.ts";
import { aSku, deliver, sweepUntilQuiet } from "../testing/checkout.ts";
import { aStaffRequest, draftContent } from "../testing/drafts.ts";
import { at, edit, pricer } from "../testing/edits.ts";
import { shopForFile } from "../testing/shop-for-file.ts";
import { createInvoicingConsumer } from "./index.ts";
import { issueInvoice } from "./issue.ts";
import { papersIn } from "./write-paper.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();
const vat = { country: "DE", taxClass: "standard", name: "VAT", basisPoints: 1_900, isIncluded: false };
await transact(shop.db, (tx) => saveTaxRate({ tx, now: shop.clock.now() }, vat));

/** A confirmed order on account with lines of 3, 2 and 1 units, its money recorded. */
async function anOrder(currency: Currency, price: number): Promise<OrderId> {
  const lines = [];
  for (const quantity of [3, 2, 1])
    lines.push(at(await aSku(shop, 20), (price + quantity) * chargeStep(currency), quantity));
  const staff = aStaffRequest();
  const draftId = await createDraft(shop.orders, staff, { currency, content: draftContent(lines) });
  const orderId = await markDraftPaid(shop.orders, staff, { draftId, version: 1 });
  await deliver(shop, orderId);
  return orderId;
}

async function editPaid(orderId: OrderId, change: Partial<ChangeContent>): Promise<void> {
  const { state, changeId } = await edit(shop, orderId, change);
  if (state !== "awaiting_payment") return;
  await act(shop, (context) => acceptManually(shop.orders, context, changeId));
  await sweepUntilQuiet(shop);
  await desk().capture({ orderId });
}

async function sendBack(orderId: OrderId, sku: string, restockingFee: Money): Promise<void> {
  const items = [{ sku, quantity: 1, reason: "too small" }];
  const returnId = await act(shop, (context) => requestReturn(context, { orderId, items }));
  await act(shop, (context) => approveReturn(context, { returnId }));
  await act(shop, (context) => receiveReturn(context, { returnId, items: [{ sku, restock: 1, writeOff: 0 }] }));
  await act(shop, (context) => refundReturn(context, { returnId, restockingFee, reason: "worn" }));
}

const cashier = staffWith("orders:write", "payments:refund");

function desk() {
  const context = { actor: cashier, requestId: "req", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return createPaymentsRouter(shop.payments).createCaller(context);
}

/** Lets all that follows happen, and delivers what was announced about the order, all of it twice. */
async function settled(orderId: OrderId, seen: number): Promise<number> {
  await sweepUntilQuiet(shop);
  const consumer = createInvoicingConsumer(shop);
  const rows = await shop.db.execute<{ type: string; payload: unknown }>(sql`
    select type, payload from platform.outbox where key = ${orderId} and channel = 'queue' order by id`);
  for (const { type, payload } of [...rows.slice(seen), ...rows.slice(seen)]) await consumer[type]?.({ payload });
  return rows.length;
}

/** What the books say that the shop has kept of an order, which is what it is worth once all is settled. */
async function keptOf(orderId: OrderId): Promise<number> {
  const [row] = await shop.db.execute<{ kept: string }>(sql`select coalesce(sum(captured - refunded), 0) as kept
    from payments.payment where order_id = ${toUuid(orderId)}::uuid`);
  return Number(row?.kept);
}

async function expectPapersAddUp(orderId: OrderId): Promise<void> {
  const papers = await papersIn(shop.db, orderId);
  const sum = (of: typeof papers) => of.reduce((total, paper) => total + paper.total, 0);
  const tax = (of: typeof papers) =>
    of.flatMap(({ document }) => document.taxes).reduce((total, { amount }) => total + amount.amount, 0);
  const invoices = papers.filter(({ kind }) => kind === "invoice");
  const notes = papers.filter(({ kind }) => kind === "credit_note");
  expect(sum(invoices) - sum(notes)).toBe(await keptOf(orderId));
  for (const one of invoices) {
    const own = notes.filter(({ correctsId }) => correctsId === one.id);
    expect(own.every(({ document }) => document.creditsNumber === one.number)).toBe(true);
    expect(sum(own)).toBeLessThanOrEqual(one.total);
    if (sum(own) === one.total) expect(tax(own)).toBe(tax([one]));
    const { subtotal, discount, shipping, taxes } = one.document;
    const added = taxes.filter((row) => !row.included).reduce((total, { amount }) => total + amount.amount, 0);
    expect(subtotal.amount - discount.amount + shipping.amount + added).toBe(one.total);
  }
}

const line = fc.nat({ max: 5 });
const acts = fc.oneof(
  fc.record({
    kind: fc.constant("edit" as const),
    line,
    out: fc.nat({ max: 2 }),
    units: fc.nat({ max: 2 }),
    price: fc.nat({ max: 9_999 }),
  }),
  fc.record({ kind: fc.constant("cancel" as const), line }),
  fc.record({ kind: fc.constant("ship" as const), line }),
  fc.record({ kind: fc.constant("return" as const), line, fee: fc.nat({ max: 50 }) }),
  fc.record({ kind: fc.constant("goodwill" as const), amount: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ kind: fc.constant("invoice" as const) }),
  fc.record({ kind: fc.constant("cancelAll" as const) }),
);

type Act = typeof acts extends fc.Arbitrary<infer One> ? One : never;

/** Amounts are counted in what can be charged. */
async function perform(orderId: OrderId, one: Act, currency: Currency): Promise<void> {
  const step = chargeStep(currency);
  const lines = await shop.db.transaction((tx) => linesOf(tx, orderId));
  const sku = ("line" in one && lines[one.line % lines.length]?.sku) || "";
  switch (one.kind) {
    case "edit": {
      const remove = one.out === 0 ? [] : [{ sku, quantity: one.out }];
      const add = one.units === 0 ? [] : [at(await aSku(shop, 5), one.price * step, one.units)];
      if (remove.length + add.length > 0) await editPaid(orderId, { remove, add });
      break;
    }
    case "cancel":
      await act(shop, (context) => cancelLines(context, { orderId, items: [{ sku, quantity: 1 }] }));
      break;
    case "ship":
      await shipped(shop, orderId, { items: [{ sku, quantity: 1 }] });
      break;
    case "return":
      await sendBack(orderId, sku, money(one.fee * step, currency));
      break;
    case "goodwill":
      await desk().refund({
        orderId,
        amount: money(one.amount * step, currency),
        key: crypto.randomUUID(),
        reason: "late",
      });
      break;
    case "invoice":
      await issueInvoice(shop, orderId);
      break;
    case "cancelAll":
      await cancelOrder(shop.orders, pricer, { orderId });
  }
}

/** Each kind of act at least once, none of them refused: an edit of both kinds, with returns of lines of each invoice. */
const allActs: Act[] = [
  { kind: "edit", line: 1, out: 1, units: 2, price: 3_333 },
  { kind: "edit", line: 0, out: 2, units: 1, price: 7 },
  { kind: "goodwill", amount: 11 },
  { kind: "ship", line: 3 },
  { kind: "return", line: 3, fee: 5 },
  { kind: "cancel", line: 1 },
  { kind: "ship", line: 2 },
  { kind: "return", line: 2, fee: 0 },
  { kind: "cancelAll" },
];

/** What cannot be done with an order in this state is refused, and changes nothing. */
const isRefusal = (error: unknown) =>
  error instanceof Problem || (error instanceof Error && error.cause instanceof Problem);

for (const currency of ["USD", "JPY", "KWD"] as const) {
  test(`after any edits, returns and cancellations, invoices less credit notes are what the order is worth, in ${currency}`, async () => {
    const story = fc.array(acts, { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(story, fc.integer({ min: 1, max: 2_000 }), fc.boolean(), async (steps, price, isEager) => {
        const orderId = await anOrder(currency, price);
        if (isEager) await issueInvoice(shop, orderId);
        let seen = await settled(orderId, 0);
        for (const step of steps) {
          await perform(orderId, step, currency).catch((error: unknown) => {
            if (!isRefusal(error) || steps === allActs) throw error;
          });
          seen = await settled(orderId, seen);
          const isBilled = (await papersIn(shop.db, orderId)).length > 0;
          if (isBilled) await expectPapersAddUp(orderId);
        }
      }),
      { numRuns: 10, examples: [[allActs, 1_001, true]] },
    );
    const rows = await shop.db.execute<{ kind: string; count: number; last: number }>(
      sql`select kind, count(*)::int as count, max(sequence) as last from orders.invoice group by kind`,
    );
    for (const { count, last } of rows) expect(count).toBe(last);
  }, 180_000);
}
