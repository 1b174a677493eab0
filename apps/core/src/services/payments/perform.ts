import { transact } from "../../platform/db/index.ts";
import type { PaymentsDeps, RemoteVerb, VerbContext } from "./attempt.ts";

export interface Performance<C extends VerbContext, I, P, R, O> {
  readonly verb: RemoteVerb<C, I, P, R, O>;
  /** What the verb's context holds beside the transaction and the hour. */
  readonly context: (base: VerbContext) => C;
  readonly input: I;
  /** Runs in the transaction that puts it on record, before anything is called. */
  readonly begun?: (context: VerbContext) => Promise<void>;
  /** Runs in the transaction that settles. */
  readonly settled?: (context: VerbContext, outcome: O) => Promise<void>;
}

/** Does a verb outside a saga: one transaction, the call, another transaction. Whoever is killed in between does it again. */
export async function perform<C extends VerbContext, I, P, R, O>(
  { db, clock }: Pick<PaymentsDeps, "db" | "clock">,
  { verb, context, input, begun, settled }: Performance<C, I, P, R, O>,
): Promise<O> {
  const prepared = await transact(db, async (tx) => {
    const base = { tx, now: clock.now() };
    const ready = await verb.prepare(context(base), input);
    await begun?.(base);
    return ready;
  });
  const result = await verb.call(prepared);
  return transact(db, async (tx) => {
    const base = { tx, now: clock.now() };
    const outcome = await verb.settle(base, prepared, result);
    await settled?.(base, outcome);
    return outcome;
  });
}
