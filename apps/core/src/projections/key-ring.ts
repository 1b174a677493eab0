import { keys } from "@stoa/read-models";
import type { KeyRing } from "../services/users/index.ts";
import type { ReadModelStore } from "./store.ts";

/** Writes the API keys in force for edge and tells every edge, or does nothing when they stand there already. */
export async function projectKeyRing(store: ReadModelStore, { view, version }: KeyRing): Promise<void> {
  const entry = { key: keys.keyRing(), version: { major: version, minor: 0 }, body: JSON.stringify(view) };
  const [written] = await store.repair([entry]);
  if (written) await store.invalidate([entry.key]);
}
