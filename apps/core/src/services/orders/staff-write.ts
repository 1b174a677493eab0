import { recordAudit } from "../../platform/audit/index.ts";
import { transact } from "../../platform/db/index.ts";
import { replayable } from "../../platform/idempotency/index.ts";
import type { RpcContext, StaffActor } from "../../platform/rpc/index.ts";
import type { ActContext, OrdersDeps } from "./deps.ts";

export type StaffContext = RpcContext & { readonly actor: StaffActor };

export interface StaffWrite<T> {
  readonly ctx: StaffContext;
  /** Verb in the past, e.g. `fulfilment.shipped`. */
  readonly action: string;
  readonly entity: "order" | "fulfilment" | "return";
  readonly entityId: string | ((answer: T) => string);
  /** What was asked for; a repeated key has to repeat it. */
  readonly input: unknown;
  /** What of it the audit log keeps, where that is not all. */
  readonly audited?: unknown;
  readonly work: (context: ActContext) => Promise<T>;
}

/**
 * Runs a staff member's act and writes its link of the audit chain in the same transaction. The same idempotency key acts once and
 * gets the same answer again.
 */
export function staffWrite<T>(deps: OrdersDeps, write: StaffWrite<T>): Promise<T> {
  const { ctx, action, entity, entityId, input, audited = input, work } = write;
  const { actor, idempotencyKey: key, requestId } = ctx;
  const now = deps.clock.now();
  return transact(deps.db, async (tx) => {
    const scope = `${actor.staffId}:${action}`;
    const { value } = await replayable({ tx, now, scope, key, request: input }, async () => {
      const answer = await work({ tx, now, actor });
      const id = typeof entityId === "string" ? entityId : entityId(answer);
      await recordAudit(tx, { at: now, actor, action, entity, entityId: id, after: audited, requestId });
      return answer;
    });
    return value;
  });
}

export interface StaffAct<I> extends Pick<StaffWrite<void>, "action" | "entity"> {
  readonly verb: (context: ActContext, input: I) => Promise<void>;
}

/** A procedure's work that is one act on one thing, and nothing else. */
export function staffAct<I extends { readonly id: string }>(deps: OrdersDeps, { action, entity, verb }: StaffAct<I>) {
  return ({ ctx, input }: { readonly ctx: StaffContext; readonly input: I }): Promise<void> =>
    staffWrite(deps, { ctx, input, action, entity, entityId: input.id, work: (context) => verb(context, input) });
}
