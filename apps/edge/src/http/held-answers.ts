import { channels } from "@stoa/read-models";
import type { Subscriptions } from "../redis/subscriptions.ts";
import type { PublicContent } from "./public-read.ts";

/** How long an answer may be given again before it is made anew, in milliseconds. */
export interface Hold {
  /** Given without a question. */
  readonly freshMs: number;
  /** Behind that: given once more while it is made anew behind the caller's back. */
  readonly reviseMs: number;
}

export interface HeldAnswersOptions {
  /** Most characters held at once; 0 holds nothing and shares nothing. */
  readonly sizeMax: number;
  /** How old an answer may be when nothing newer can be had. */
  readonly keepMs: number;
  /** Whether a failure is one of the shop's own, so that an old answer is better than none. */
  readonly isOutage: (error: unknown) => boolean;
  readonly now?: () => number;
  /** Milliseconds since the epoch, by which answers cease to be true. */
  readonly clock?: () => number;
}

export interface Given {
  readonly content: PublicContent;
  /** How long ago it was made. */
  readonly ageMs: number;
}

export interface AnswerRead {
  /** Path and query: all that a public answer depends on. */
  readonly key: string;
  readonly hold: Hold;
  /** Makes it anew. Something other than content (a redirect) is passed on and not held. */
  readonly make: () => Promise<PublicContent | Response>;
}

/** What stands beside a body, in characters, as it was measured: its head in two forms, its packed form, and its places here. */
const ENTRY_SIZE = 1_500;

interface Entry {
  readonly content: PublicContent;
  readonly size: number;
  readonly madeAt: number;
  /** The stretch of hearing invalidations in which it was made; in a later one it is not known to be true. */
  readonly stretch: number;
  /** Something that it was made of has changed since. */
  isOutdated: boolean;
  /** Given since it was looked at last for what can be let go. */
  isWanted: boolean;
}

interface Making {
  readonly promise: Promise<PublicContent | Response>;
  /** What has changed since it was begun. */
  readonly changed: Set<string>;
}

/**
 * Public answers in this process' memory, by URL. While invalidations are heard an answer is given again until something that it
 * was made of changes; while they are not, every answer is made anew. When that fails for an outage, the one that is held is given
 * with its age. Callers that ask for the same one share one making.
 */
export class HeldAnswers {
  readonly #entries = new Map<string, Entry>();
  /** Entries by what they were made of. */
  readonly #madeOf = new Map<string, Set<Entry>>();
  readonly #making = new Map<string, Making>();
  /** All that are under way, those included that later callers no longer share. */
  readonly #underWay = new Set<Making>();
  readonly #now: () => number;
  readonly #clock: () => number;
  #size = 0;
  #isHearing = false;
  #stretch = 0;

  constructor(readonly options: HeldAnswersOptions) {
    this.#now = options.now ?? (() => performance.now());
    this.#clock = options.clock ?? Date.now;
  }

  /** Characters held now. */
  get size(): number {
    return this.#size;
  }

  /** What is held under a key, true and not older than that, in milliseconds; null when it has to be `read`. */
  held(key: string, freshMs: number): Given | null {
    const entry = this.#entries.get(key);
    if (!entry || !this.#isTrue(entry)) return null;
    const ageMs = this.#now() - entry.madeAt;
    if (ageMs > freshMs) return null;
    entry.isWanted = true;
    return { content: entry.content, ageMs };
  }

  /** @throws what `make` throws, unless an older answer can stand in for it. */
  read(wanted: AnswerRead): Given | Promise<Given | Response> {
    const { key, hold } = wanted;
    const given = this.held(key, hold.freshMs + hold.reviseMs);
    if (!given) return this.#madeAnew(wanted, this.#entries.get(key));
    // Whoever waits for nothing hears of no failure either; the next caller behind the revision's time does.
    if (given.ageMs > hold.freshMs) this.#make(wanted).catch(() => undefined);
    return given;
  }

  #isTrue({ isOutdated, stretch, content }: Entry): boolean {
    return this.#isHearing && !isOutdated && stretch === this.#stretch && !this.#isOver(content);
  }

  /** Some of what answers are made of has changed. */
  invalidate(changed: readonly string[]): void {
    for (const key of changed) {
      for (const entry of this.#madeOf.get(key) ?? []) entry.isOutdated = true;
    }
    for (const making of this.#underWay) for (const key of changed) making.changed.add(key);
    // What is under way may have been read before the change, so nobody who comes after it shares it.
    this.#making.clear();
  }

  /** Invalidations are heard from now on, or may be missed. */
  hear(isHearing: boolean): void {
    this.#isHearing = isHearing;
    this.#stretch += 1;
    this.#making.clear();
  }

  async #madeAnew(wanted: AnswerRead, old?: Entry): Promise<Given | Response> {
    try {
      let made = await this.#make(wanted);
      // Begun by somebody before its time was over, and shared by who came after.
      if (!(made instanceof Response) && this.#isOver(made)) made = await this.#make(wanted);
      return made instanceof Response ? copyOf(made) : { content: made, ageMs: 0 };
    } catch (error) {
      const ageMs = old ? this.#now() - old.madeAt : Number.POSITIVE_INFINITY;
      if (!old || ageMs > this.options.keepMs || !this.options.isOutage(error)) throw error;
      return { content: old.content, ageMs };
    }
  }

  #isOver({ until }: PublicContent): boolean {
    return until !== undefined && until <= this.#clock();
  }

  #make({ key, make }: AnswerRead): Promise<PublicContent | Response> {
    if (this.options.sizeMax === 0) return make();
    const shared = this.#making.get(key);
    if (shared) return shared.promise;
    const stretch = this.#stretch;
    const changed = new Set<string>();
    const promise = make()
      .then((made) => {
        if (!(made instanceof Response)) this.#keep(key, made, { changed, stretch });
        return made;
      })
      .finally(() => {
        this.#underWay.delete(making);
        if (this.#making.get(key) === making) this.#making.delete(key);
      });
    const making: Making = { promise, changed };
    this.#making.set(key, making);
    this.#underWay.add(making);
    return promise;
  }

  #keep(
    key: string,
    content: PublicContent,
    making: { readonly changed: ReadonlySet<string>; readonly stretch: number },
  ) {
    if (content.body.length > this.options.sizeMax / 10) return;
    const size = content.madeOf.reduce((sum, one) => sum + one.length, ENTRY_SIZE + key.length + content.body.length);
    this.#drop(key);
    const isOutdated = content.madeOf.some((one) => making.changed.has(one));
    const entry: Entry = { content, size, madeAt: this.#now(), stretch: making.stretch, isOutdated, isWanted: false };
    this.#entries.set(key, entry);
    this.#size += size;
    for (const one of content.madeOf) {
      const entries = this.#madeOf.get(one);
      if (entries) entries.add(entry);
      else this.#madeOf.set(one, new Set([entry]));
    }
    this.#letGo();
  }

  /** The oldest go first; one that was given since it was looked at last stays for another round. */
  #letGo(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#size <= this.options.sizeMax) return;
      if (!entry.isWanted) {
        this.#drop(key);
        continue;
      }
      entry.isWanted = false;
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#size -= entry.size;
    for (const one of entry.content.madeOf) {
      const entries = this.#madeOf.get(one);
      entries?.delete(entry);
      if (entries?.size === 0) this.#madeOf.delete(one);
    }
  }
}

/** Each caller gets a redirect of its own, since headers are added to it. It has no body. */
function copyOf({ status, headers }: Response): Response {
  return new Response(null, { status, headers });
}

/** Keeps held answers honest: they are told what has changed, and when that may be missed. */
export function followInvalidations(answers: HeldAnswers, subscriptions: Subscriptions): void {
  subscriptions.onHearing((isHearing) => answers.hear(isHearing));
  subscriptions.listen(channels.invalidate, (message) => answers.invalidate(message.split("\n")));
}
