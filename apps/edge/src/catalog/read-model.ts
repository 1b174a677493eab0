import { type Envelope, unpackEnvelope } from "@stoa/read-models";
import type { Store } from "../redis/store.ts";

/** A read model as it lies in Redis, its body ready to be sent; null when there is none, or one of another format. */
export async function readModel(store: Store, key: string): Promise<Envelope | null> {
  const text = await store.get(key);
  return text === null ? null : unpackEnvelope(text);
}

/** When the newest of some read models was written. */
export function newestOf(models: readonly { readonly writtenAt: number }[]): number | null {
  return models.length === 0 ? null : Math.max(...models.map((model) => model.writtenAt));
}
