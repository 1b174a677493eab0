import { done, type ErasedStep, type Outcome, refused, type SagaPlan, saga } from "@stoa/core/testing";
import type { Instant } from "@stoa/kernel";
import type { Bank } from "./bank.ts";
import type { Books, OrderRow, SagaRow, Tables } from "./books.ts";

const nothing = async () => done(null);
const undone = async () => undefined;
const remote = { prepare: nothing, call: nothing, settle: nothing };

/** The shapes of the shop's two plans; what their steps do stands in `act`. */
export const plans: Readonly<Record<SagaRow["type"], SagaPlan<never>>> = {
  place: saga<null>("place")
    .start("accepted", { undo: undone })
    .step("stock", { do: nothing, undo: undone })
    .remote("payment", { do: remote, undo: { ...remote, settle: undone } })
    .pivot("confirmed", { do: nothing })
    .step("allocated", { do: nothing })
    .remote("captured", { do: remote }),
  cancel: saga<null>("cancel")
    .pivot("cancelled", { do: nothing })
    .step("stock", { do: nothing })
    .remote("payment", { do: remote }),
};

export interface EngineOptions {
  readonly books: Books;
  readonly bank: Bank;
  readonly now: () => number;
  /** Every wait for the database. */
  readonly before: (label: string) => Promise<void>;
}

export type Call = { readonly step: ErasedStep; readonly kind: "do" | "undo"; readonly prepared: OrderRow["attempt"] };
export type Answered = Call & { readonly answer: string };

/** How soon a wallet that nobody has approved is asked for again, should no news of it come. */
const LOOK_AGAIN_MS = 5_000;

interface LocalAct {
  readonly order: OrderRow;
  readonly row: SagaRow;
  readonly step: ErasedStep;
  readonly kind: Call["kind"];
}

/** What a local step does, and undoes. */
export function act(tables: Tables, { order, row, step: { name }, kind }: LocalAct): Outcome<null> {
  if (name === "stock" && kind === "do" && row.type === "place") {
    if (tables.onHand - tables.reserved - tables.allocated < 1) return refused("out_of_stock");
    if (order.hold === "none") tables.reserved += 1;
    order.hold = "held";
  }
  if (name === "stock" && (kind === "undo" || row.type === "cancel")) {
    if (order.hold === "held") tables.reserved -= 1;
    if (order.hold === "allocated") tables.allocated -= 1;
    order.hold = "none";
  }
  if (name === "accepted" && kind === "undo" && order.state === "pending") order.state = "refused";
  if (name === "confirmed") order.state = "confirmed";
  if (name === "allocated" && order.hold === "held") {
    tables.reserved -= 1;
    tables.allocated += 1;
    order.hold = "allocated";
  }
  return done(null);
}

/** What is committed before a call. */
export function prepare(order: OrderRow, row: SagaRow, { name }: ErasedStep, kind: Call["kind"]): OrderRow["attempt"] {
  const isRelease = kind === "undo" || row.type === "cancel";
  if (name === "payment" && !isRelease) order.attempt ??= { reference: null, releaseRequested: false };
  if (isRelease && order.attempt) order.attempt.releaseRequested = true;
  return order.attempt && { ...order.attempt };
}

/** The call outside of any transaction. */
export async function ask(
  bank: Bank,
  row: SagaRow | undefined,
  call: Call,
  { books, before, now }: EngineOptions,
): Promise<string> {
  const { order: id = "", type } = row ?? {};
  const order = books.tables.orders[id];
  if (!order || !call.prepared) return "nothing";
  const key = `place ${id}/payment`;
  const reference = call.prepared.reference ?? (await bank.create(key, id, order.approveBy !== null));
  if (call.kind === "undo" || type === "cancel") return bank.release(reference);
  if (call.step.name === "captured") return bank.capture(reference);
  await before("store reference");
  books.transact(({ orders }) => {
    const attempt = orders[id]?.attempt;
    if (!attempt || attempt.releaseRequested) throw new Error("the attempt was released");
    attempt.reference = reference;
  });
  const state = await bank.confirm(reference, order.declines);
  // Closed there before the order is refused: should it be approved in this very moment, the answer says so.
  return state === "open" && now() >= (order.approveBy ?? 0) ? bank.release(reference) : state;
}

/** What an answer makes of the order. */
export function settle(tables: Tables, order: OrderRow, { step, kind, answer }: Answered, now: number): Outcome<null> {
  if (kind === "undo" || step.name === "payment") {
    if (kind === "do" && answer === "open")
      return { kind: "waiting", until: (now + LOOK_AGAIN_MS) as Instant, why: "approval" };
    if (kind === "do" && answer !== "held" && answer !== "captured" && order.state === "pending") {
      return refused("payment_declined");
    }
    return done(null);
  }
  if (step.name === "captured" && answer === "captured") order.captured = tables.orders !== undefined;
  return done(null);
}
