import type { Currency } from "@stoa/kernel";
import { keys, type Present } from "@stoa/read-models";
import { presentIn, type ReadDeps } from "./read-model.ts";

/** The stored product summaries by id, unparsed. Products that are not shown (any more) are missing. */
export async function readSummaries(
  { store, clock }: ReadDeps,
  currency: Currency,
  ids: readonly string[],
): Promise<Map<string, Present>> {
  const texts = await store.mget(ids.map((id) => keys.summary(currency, id)));
  const summaries = new Map<string, Present>();
  texts.forEach((text, index) => {
    const model = presentIn(text, clock);
    const id = ids[index];
    if (model && id !== undefined) summaries.set(id, model);
  });
  return summaries;
}

/** `{ items: […], …rest }` around JSON texts that are already written. */
export function itemsJson(items: readonly string[], rest: Readonly<Record<string, unknown>> = {}): string {
  const members = Object.entries(rest).map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{"items":[${items.join(",")}]${members.join("")}}`;
}
