export interface Scored {
  readonly member: string;
  readonly score: number;
}

/** One end of a range of scores. */
export interface ScoreBound {
  readonly score: number;
  readonly exclusive: boolean;
}

/** Members by score, then by bytes. The order is made at the first question about it and kept up to date from then on. */
export class SortedSet {
  readonly #scores = new Map<string, number>();
  #ordered: Scored[] | null = null;

  get size(): number {
    return this.#scores.size;
  }

  score(member: string): number | undefined {
    return this.#scores.get(member);
  }

  set(member: string, score: number): void {
    const before = this.#scores.get(member);
    if (before === score) return;
    this.#scores.set(member, score);
    if (!this.#ordered) return;
    if (before !== undefined) this.#ordered.splice(this.#position(member, before), 1);
    this.#ordered.splice(this.#position(member, score), 0, { member, score });
  }

  delete(member: string): boolean {
    const score = this.#scores.get(member);
    if (score === undefined) return false;
    this.#scores.delete(member);
    this.#ordered?.splice(this.#position(member, score), 1);
    return true;
  }

  entries(): IterableIterator<[string, number]> {
    return this.#scores.entries();
  }

  ordered(): readonly Scored[] {
    this.#ordered ??= [...this.#scores].map(([member, score]) => ({ member, score })).sort(compare);
    return this.#ordered;
  }

  rank(member: string): number | null {
    const score = this.#scores.get(member);
    if (score === undefined) return null;
    this.ordered();
    return this.#position(member, score);
  }

  between(low: ScoreBound, high: ScoreBound): readonly Scored[] {
    const from = this.#firstWhere(({ score }) => (low.exclusive ? score > low.score : score >= low.score));
    const to = this.#firstWhere(({ score }) => (high.exclusive ? score >= high.score : score > high.score));
    return from < to ? this.ordered().slice(from, to) : [];
  }

  /** Where the member with this score stands or would stand. */
  #position(member: string, score: number): number {
    return this.#firstWhere((entry) => compare(entry, { member, score }) >= 0);
  }

  #firstWhere(holds: (entry: Scored) => boolean): number {
    const ordered = this.ordered();
    let low = 0;
    let high = ordered.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = ordered[middle];
      if (entry && holds(entry)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function compare(one: Scored, other: Scored): number {
  if (one.score !== other.score) return one.score < other.score ? -1 : 1;
  if (one.member === other.member) return 0;
  return one.member < other.member ? -1 : 1;
}
