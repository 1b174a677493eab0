/** How many purchases of what is less particular speak as loud as those at hand; without end, only the former speak. */
export interface Priors {
  /** Of the product's category, against the product's own. */
  readonly own: number;
  /** Of what sells of the categories that go with its category, against single products that go with it. */
  readonly kind: number;
  /** Of what sells in the shop, against the categories that go with its category. */
  readonly kinds: number;
}

/** What was counted of a pair, the first product given. */
export interface PairCounts {
  /** The second bought with the first; all that was bought with the first. */
  readonly own: number;
  readonly ownTotal: number;
  /** The second bought with the first's category; all that was bought with that. */
  readonly kind: number;
  readonly kindTotal: number;
  /** The second's category bought with the first's. */
  readonly kinds: number;
  /** Purchases of the second, of its category, and all. */
  readonly popularity: number;
  readonly kindPopularity: number;
  readonly total: number;
}

/**
 * The chance that the next thing in a basket with the first product is the second. Each level is smoothed by the one above it (Dirichlet
 * priors): products bought with this one; with its category; what sells of the categories bought with its category; what sells.
 */
export function chanceOf(counts: PairCounts, priors: Priors): number {
  return blend(counts.own, counts.ownTotal, chanceInKind(counts, priors), priors.own);
}

/** The same as far as the first product's category tells it. */
export function chanceInKind(counts: PairCounts, { kind, kinds }: Priors): number {
  const { popularity, kindPopularity, total } = counts;
  if (popularity <= 0 || kindPopularity <= 0) return blend(counts.kind, counts.kindTotal, 0, kind);
  const ofKinds = blend(counts.kinds, counts.kindTotal, kindPopularity / total, kinds);
  return blend(counts.kind, counts.kindTotal, (ofKinds * popularity) / kindPopularity, kind);
}

/** A count's share, drawn towards what is known otherwise by as many purchases as `strength` says. */
export function blend(count: number, total: number, prior: number, strength: number): number {
  if (strength === Number.POSITIVE_INFINITY || total <= 0) return prior;
  return (Math.max(0, count) + strength * prior) / (total + strength);
}
