import { z } from "zod";
import { listPage } from "./lists.ts";
import type { ApiList, BalanceTransaction } from "./objects.ts";
import { listParameters, text } from "./parameters.ts";
import { newId, seconds, type Turn } from "./turn.ts";

export const balanceTransactionListSchema = z.strictObject({
  ...listParameters,
  source: text.optional(),
  type: text.optional(),
});

export interface Movement {
  readonly type: BalanceTransaction["type"];
  /** The charge, refund or dispute that moves the money. */
  readonly source: string;
  /** Minor units; what leaves the account is negative. */
  readonly amount: number;
  readonly currency: string;
}

/** Writes a line of the account's statement. Answers its id. */
export function bookMovement(turn: Turn, { type, source, amount, currency }: Movement): string {
  const id = newId("txn");
  const created = seconds(turn);
  const view: BalanceTransaction = {
    id,
    object: "balance_transaction",
    amount,
    available_on: created,
    created,
    currency,
    description: null,
    exchange_rate: null,
    fee: 0,
    fee_details: [],
    net: amount,
    reporting_category: type === "adjustment" ? "dispute" : type,
    source,
    status: "available",
    type,
  };
  turn.movements.insert({ view, hidden: null }, { parent: source });
  return id;
}

export function listMovements(
  turn: Turn,
  params: z.infer<typeof balanceTransactionListSchema>,
): ApiList<BalanceTransaction> {
  return listPage(turn.movements, params, {
    url: "/v1/balance_transactions",
    parent: params.source,
    keeps: (movement) => params.type === undefined || movement.type === params.type,
  });
}
