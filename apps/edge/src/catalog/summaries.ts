import type { Currency } from "@stoa/kernel";
import { keys, unpackEnvelope } from "@stoa/read-models";
import type { Store } from "../redis/store.ts";

/** The stored bodies of product summaries by id, unparsed. Products that are not shown (any more) are missing. */
export async function readSummaries(
  store: Store,
  currency: Currency,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const texts = await store.mget(ids.map((id) => keys.summary(currency, id)));
  const bodies = new Map<string, string>();
  texts.forEach((text, index) => {
    const body = text === null ? undefined : unpackEnvelope(text)?.body;
    const id = ids[index];
    if (body !== undefined && id !== undefined) bodies.set(id, body);
  });
  return bodies;
}

/** `{ items: […], …rest }` around JSON texts that are already written. */
export function itemsJson(items: readonly string[], rest: Readonly<Record<string, unknown>> = {}): string {
  const members = Object.entries(rest).map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{"items":[${items.join(",")}]${members.join("")}}`;
}
