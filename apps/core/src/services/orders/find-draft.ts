import { type DraftId, problem } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import type { DraftBasket } from "../carts/index.ts";
import { type DraftState, staffTermsOf } from "./draft.ts";
import { draft } from "./tables.ts";

export type DraftRow = typeof draft.$inferSelect;

export interface DraftAtVersion {
  readonly draftId: DraftId;
  /** Left out by those who act on the draft whatever it says by now. */
  readonly version?: number;
}

/**
 * An open draft, locked until the transaction ends, so that a change and a payment of one draft follow each other.
 * @throws problem `not_found`, `version_conflict`, `request_in_progress` while it is being paid, `state_conflict` when that has happened.
 */
export async function lockOpenDraft(tx: Transaction, { draftId, version }: DraftAtVersion): Promise<DraftRow> {
  const [row] = await tx.select().from(draft).where(eq(draft.id, draftId)).for("update");
  if (!row) throw problem("not_found");
  if (row.state !== "open") throw notOpen(row.state);
  if (version !== undefined && row.version !== version) throw problem("version_conflict");
  return row;
}

function notOpen(state: Exclude<DraftState, "open">) {
  switch (state) {
    case "completing":
      return problem("request_in_progress", { detail: "This is being paid for." });
    case "completed":
      return problem("state_conflict", { detail: "This has been paid for." });
    case "cancelled":
      return problem("state_conflict", { detail: "This was cancelled." });
  }
}

/** The draft as pricing takes it. */
export function basketOf(row: DraftRow): DraftBasket {
  const { customerId, email, currency, channel, shippingAddress, billingAddress, shipping, promotionCodes, lines } =
    row;
  const shippingOptionId = shipping && "method" in shipping ? shipping.method : null;
  return {
    terms: { customerId, email, currency, channel, shippingAddress, billingAddress, shippingOptionId, promotionCodes },
    lines,
    // Promotions were used by the order that is replaced.
    staffTerms: { ...staffTermsOf(row, currency), ...(row.returnId !== null && { withoutPromotions: true }) },
  };
}
