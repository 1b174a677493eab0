import {
  type Currency,
  canonicalJson,
  DEFAULT_CHANNEL,
  type DraftId,
  type Instant,
  newId,
  problem,
} from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import { recordAudit } from "../../platform/audit/index.ts";
import { type Transaction, transact } from "../../platform/db/index.ts";
import { replayable } from "../../platform/idempotency/index.ts";
import type { StaffActor } from "../../platform/rpc/index.ts";
import { assertChannel } from "../../platform/settings/index.ts";
import { withoutGaps, withQuotes } from "../carts/index.ts";
import type { OrdersDeps } from "./deps.ts";
import { type DraftContent, manualPricesOf } from "./draft.ts";
import { holdForDraft, letGoOfHold } from "./draft-stock.ts";
import { type DraftRow, lockOpenDraft } from "./find-draft.ts";
import { revokeRequests } from "./payment-request.ts";
import { draft } from "./tables.ts";

export interface StaffRequest {
  readonly actor: StaffActor;
  readonly requestId: string;
  /** Who asks again under the same key gets the same answer, and nothing is done twice. */
  readonly idempotencyKey?: string | null;
}

export interface ComposeDraft {
  readonly currency: Currency;
  /** Code of the sales channel whose products and prices it has; the default one when left out. */
  readonly channel?: string | undefined;
  readonly content: DraftContent;
}

/** @throws problem `forbidden` for prices by hand without the right `orders:price`, `validation_failed` for an unknown channel. */
export async function createDraft(deps: OrdersDeps, staff: StaffRequest, input: ComposeDraft): Promise<DraftId> {
  const now = deps.clock.now();
  const columns = columnsOf(input.content);
  requireRightToPrice(staff.actor, null, columns);
  const { currency, channel = DEFAULT_CHANNEL } = input;
  return transact(deps.db, async (tx) => {
    await assertChannel(tx, channel);
    const { value } = await replayable(
      keyedDraft(tx, now, staff, { action: "draft.created", request: input }),
      async () => {
        const id = newId("drf");
        await tx.insert(draft).values({
          ...{ id, cartId: newId("cart"), state: "open", currency, channel, ...columns },
          ...{ createdAt: now, updatedAt: now },
        });
        await auditDraft(tx, now, staff, { action: "draft.created", draftId: id, after: auditedOf(columns) });
        return id;
      },
    );
    return value;
  });
}

interface KeyedAct {
  readonly action: DraftAudit["action"];
  readonly request: unknown;
}

/** An act of staff on a draft, for `replayable`. */
export function keyedDraft(tx: Transaction, now: Instant, staff: StaffRequest, { action, request }: KeyedAct) {
  const { actor, idempotencyKey: key = null } = staff;
  return { tx, now, scope: `${actor.staffId}:${action}`, key, request };
}

export interface ChangeDraft {
  readonly draftId: DraftId;
  /** What the change was made from. */
  readonly version: number;
  readonly content: DraftContent;
}

/**
 * Puts other content into an open draft. A link that is out for the old one is revoked, and units that are held are held for the new one.
 * @throws problem `not_found`, `version_conflict`, `state_conflict`, `forbidden` for a change of prices by hand without the right
 * `orders:price`, `out_of_stock` when the units cannot be held.
 */
export async function changeDraft(deps: OrdersDeps, staff: StaffRequest, input: ChangeDraft): Promise<void> {
  const now = deps.clock.now();
  const { draftId } = input;
  await withQuotes(() =>
    transact(deps.db, async (tx) => {
      const before = await lockOpenDraft(tx, input);
      const columns = columnsOf(input.content);
      requireRightToPrice(staff.actor, before, columns);
      const [after] = await tx
        .update(draft)
        .set({ ...columns, version: sql`${draft.version} + 1`, updatedAt: now })
        .where(eq(draft.id, draftId))
        .returning();
      if (!after) throw problem("not_found");
      await revokeRequests(tx, now, draftId);
      if (before.reservedUntil !== null) {
        if (now < before.reservedUntil) await holdForDraft(deps, { tx, now }, after, before.reservedUntil);
        else await letGoOfHold({ tx, now }, before);
      }
      const change = { before: auditedOf(before), after: auditedOf(after) };
      await auditDraft(tx, now, staff, { action: "draft.changed", draftId, ...change });
    }),
  );
}

type Content = Pick<DraftRow, "lines" | "discount" | "shipping" | "promotionCodes">;

function columnsOf(content: DraftContent) {
  const { customerId, email, shippingAddress, billingAddress, lines, discount, shipping, promotionCodes, note } =
    content;
  return {
    customerId: customerId ?? null,
    email: email ?? null,
    shippingAddress: shippingAddress ? withoutGaps(shippingAddress) : null,
    billingAddress: billingAddress ? withoutGaps(billingAddress) : null,
    lines,
    discount: discount ?? null,
    shipping: shipping ?? null,
    promotionCodes,
    note: note ?? null,
  };
}

function requireRightToPrice(actor: StaffActor, before: Content | null, after: Content): void {
  if (actor.rights.has("orders:price")) return;
  const priced = canonicalJson(manualPricesOf(after));
  if (priced !== canonicalJson(before && manualPricesOf(before))) {
    throw problem("forbidden", { detail: "Prices by hand need the right orders:price." });
  }
}

/** What the audit log keeps of a draft: nothing of whose it is, which somebody may ask to be forgotten. */
function auditedOf({ lines, discount, shipping, promotionCodes }: Content) {
  return { lines, discount, shipping, promotionCodes };
}

export interface DraftAudit {
  readonly action: `draft.${string}`;
  readonly draftId: DraftId;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Records in the audit log what staff did with a draft. */
export async function auditDraft(tx: Transaction, now: Instant, staff: StaffRequest, entry: DraftAudit): Promise<void> {
  const { actor, requestId } = staff;
  const { draftId, ...rest } = entry;
  await recordAudit(tx, { at: now, actor, entity: "draft", entityId: draftId, requestId, ...rest });
}
