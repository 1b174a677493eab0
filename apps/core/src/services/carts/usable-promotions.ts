import type { Instant } from "@stoa/kernel";
import { type Promotion, type PromotionId, type PromotionRefusal, refusalByTerms } from "./promotion.ts";

/** Those that are known, and one as it would be: it goes before what it is now. */
export function withTrial(known: readonly Promotion[], trial: Promotion | undefined): readonly Promotion[] {
  return trial ? [...known.filter((promotion) => promotion.id !== trial.id), trial] : known;
}

/** Keeps what the dates and limits allow, and says of each promotion that fell away why. */
export function byTerms(known: readonly Promotion[], now: Instant) {
  const usable: Promotion[] = [];
  const refused = new Map<PromotionId, PromotionRefusal>();
  for (const promotion of known) {
    const refusal = refusalByTerms(promotion, now);
    if (refusal === null) usable.push(promotion);
    else refused.set(promotion.id, refusal);
  }
  return { usable, refused };
}

/** Why codes take nothing off; one that nothing has is unknown. */
export function codesRefused(
  known: readonly Promotion[],
  refused: ReadonlyMap<PromotionId, PromotionRefusal>,
  codes: readonly string[],
): Map<string, PromotionRefusal> {
  const found = new Map<string, PromotionRefusal>();
  for (const { id, code } of known) {
    const refusal = refused.get(id);
    if (code !== null && refusal) found.set(code, refusal);
  }
  const existing = new Set(known.map((promotion) => promotion.code?.toUpperCase()));
  for (const code of codes) if (!existing.has(code.toUpperCase())) found.set(code, "unknown_code");
  return found;
}
