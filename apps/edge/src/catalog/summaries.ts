import type { Currency } from "@stoa/kernel";
import { type Envelope, keys, unpackEnvelope } from "@stoa/read-models";
import type { Store } from "../redis/store.ts";

/** The stored product summaries by id, unparsed. Products that are not shown (any more) are missing. */
export async function readSummaries(
  store: Store,
  currency: Currency,
  ids: readonly string[],
): Promise<Map<string, Envelope>> {
  const texts = await store.mget(ids.map((id) => keys.summary(currency, id)));
  const summaries = new Map<string, Envelope>();
  texts.forEach((text, index) => {
    const model = text === null ? null : unpackEnvelope(text);
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
