import type { Currency } from "@stoa/kernel";
import { keys, type Present } from "@stoa/read-models";
import { presentIn, type ReadDeps } from "./read-model.ts";
import { readTexts, summaryIn } from "./texts.ts";

/** How summaries are told. */
export interface Telling {
  readonly channel: string;
  readonly currency: Currency;
  /** Null: the shop's own language. */
  readonly language: string | null;
}

/** Product summaries by id, unparsed. Products that the channel does not show (any more) are missing. */
export async function readSummaries(
  { store, clock }: ReadDeps,
  { channel, currency, language }: Telling,
  ids: readonly string[],
): Promise<Map<string, Present>> {
  const [texts, translations] = await Promise.all([
    store.mget(ids.map((id) => keys.summary(currency, id))),
    readTexts(store, language, ids),
  ]);
  const summaries = new Map<string, Present>();
  texts.forEach((text, index) => {
    const model = presentIn(text, channel, clock);
    const id = ids[index];
    if (!model || id === undefined) return;
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
