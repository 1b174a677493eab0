import { DEFAULT_CHANNEL } from "@stoa/kernel";
import { type Envelope, isShownIn, type Present, presentOf, unpackEnvelope } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import type { Store } from "../redis/store.ts";

/** Where read models lie, and the time by which some of them change by themselves. */
export type ReadDeps = Pick<EdgeDeps, "store" | "clock">;

/** A read model as it lies in Redis, its body ready to be sent; null when there is none, or one of another format. */
export async function readModel(store: Store, key: string): Promise<Envelope | null> {
  const text = await store.get(key);
  return text === null ? null : unpackEnvelope(text);
}

/** Where a product's view may lie for a channel: where its prices are its own, else where all others have theirs. */
export function keysIn(channel: string, keyOf: (own?: string) => string): string[] {
  return channel === DEFAULT_CHANNEL ? [keyOf()] : [keyOf(channel), keyOf()];
}

/** What of a product was read already, as it is now; null when the channel does not show it. */
export function presentIn(text: string | null, channel: string, clock: EdgeDeps["clock"]): Present | null {
  const envelope = text === null ? null : unpackEnvelope(text);
  return envelope && isShownIn(envelope, channel) ? presentOf(envelope, clock.now()) : null;
}

/** When the newest of some read models was written. */
export function newestOf(models: readonly { readonly writtenAt: number }[]): number | null {
  return models.length === 0 ? null : Math.max(...models.map((model) => model.writtenAt));
}

/** When the first of some read models changes by itself; nothing when none is known to. */
export function firstEndOf(models: readonly Pick<Present, "until">[]): Pick<Present, "until"> {
  const until = Math.min(...models.map((model) => model.until ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(until) ? { until } : {};
}
