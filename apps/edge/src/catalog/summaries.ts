import type { Currency } from "@stoa/kernel";
import { keys, type Present } from "@stoa/read-models";
import { keysIn, presentIn, type ReadDeps } from "./read-model.ts";
import { readTexts, summaryIn } from "./texts.ts";

/** How summaries are told. */
export interface Telling {
  readonly channel: string;
  readonly currency: Currency;
  /** Null: the shop's own language. */
  readonly language: string | null;
}

/** Where the summaries of some products may lie, as many keys for each. */
export function summaryKeys({ channel, currency }: Omit<Telling, "language">, ids: readonly string[]): string[] {
  return ids.flatMap((id) => keysIn(channel, (own) => keys.summary(currency, id, own)));
}

/** Product summaries by id, unparsed. Products that the channel does not show (any more) are missing. */
export async function readSummaries(
  { store, clock }: ReadDeps,
  { channel, currency, language }: Telling,
  ids: readonly string[],
): Promise<Map<string, Present>> {
  const [texts, translations] = await Promise.all([
    store.mget(summaryKeys({ channel, currency }, ids)),
    readTexts(store, language, ids),
  ]);
  const summaries = new Map<string, Present>();
  const each = texts.length / ids.length;
  ids.forEach((id, index) => {
    const own = texts.slice(index * each, (index + 1) * each);
    const model = own.map((text) => presentIn(text, channel, clock)).find((view) => view !== null);
    if (!model) return;
    const translation = translations.get(id);
    summaries.set(id, translation ? { ...model, body: summaryIn(model.body, translation) } : model);
  });
  return summaries;
}

/** `{ items: […], …rest }` around JSON texts that are already written. */
export function itemsJson(items: readonly string[], rest: Readonly<Record<string, unknown>> = {}): string {
  const members = Object.entries(rest).map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{"items":[${items.join(",")}]${members.join("")}}`;
}
