import { type Clock, type Instant, newId, problem } from "@stoa/kernel";
import { recordAudit } from "../../platform/audit/index.ts";
import type { TargetsDeps } from "../../platform/custom-fields/index.ts";
import { type Database, type Transaction, transact } from "../../platform/db/index.ts";
import { replayable } from "../../platform/idempotency/index.ts";
import type { RpcContext, StaffActor } from "../../platform/rpc/index.ts";

export interface InventoryDeps {
  readonly db: Database;
  readonly clock: Clock;
}

export interface InventoryRouterDeps extends InventoryDeps, TargetsDeps {
  /** Which of these SKUs are kits, whose stock is that of their parts. */
  readonly kitsAmong: (skus: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** @throws problem `validation_failed` when one of the SKUs is a kit. */
export async function refuseKits({ kitsAmong }: InventoryRouterDeps, skus: readonly string[]): Promise<void> {
  const [kit] = await kitsAmong(skus);
  if (kit === undefined) return;
  const message = `${kit} is a kit: its stock is that of its parts`;
  throw problem("validation_failed", { detail: message, errors: [{ path: "sku", message }] });
}

export interface Written<T> {
  /** What was changed, where it is not the stock of a SKU. */
  readonly entity?: "location" | "transfer" | "setting";
  readonly action: string;
  readonly entityId: string;
  readonly before?: unknown;
  readonly after: unknown;
  readonly answer: T;
}

interface WriteContext {
  readonly tx: Transaction;
  readonly now: Instant;
  /** Names the change, so that one that is sent again under the same key moves stock once. Without a key each is another. */
  readonly cause: string;
}

/** What is done once for each idempotency key, and gets the same answer again: its name, and what was asked for. */
export interface Once {
  readonly name: string;
  readonly request: unknown;
}

/** Runs a staff member's change and writes its link of the audit chain in the same transaction. */
export function writing({ db, clock }: InventoryDeps) {
  return function write<T>(
    ctx: RpcContext & { readonly actor: StaffActor },
    work: (context: WriteContext) => Promise<Written<T>>,
    once?: Once,
  ): Promise<T> {
    const { actor, idempotencyKey: key, requestId } = ctx;
    const now = clock.now();
    const cause = `${actor.staffId}:${key ?? newId("msg")}`;
    return transact(db, async (tx) => {
      const act = async () => {
        const { answer, ...entry } = await work({ tx, now, cause });
        await recordAudit(tx, { entity: "stock", ...entry, at: now, actor, requestId });
        return answer;
      };
      if (!once) return act();
      const scope = `${actor.staffId}:${once.name}`;
      return (await replayable({ tx, now, scope, key, request: once.request }, act)).value;
    });
  };
}
