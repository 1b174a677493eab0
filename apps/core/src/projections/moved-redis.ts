import type { Instant } from "@stoa/kernel";
import { ownKeys } from "./own-keys.ts";
import { type RebuildDeps, rebuildReadModels } from "./rebuild.ts";

export interface MovedDeps extends RebuildDeps {
  /** By what name the Redis goes that is written to: another one after a failover or a restart; null where it has none. */
  readonly server: () => Promise<string | null>;
  /** Has orders and stock tell once more what they have told since. */
  readonly retell: (since: Instant) => Promise<unknown>;
}

/** Far longer than a replica is ever behind, or a server writes its file behind its answers. */
const LOST_MS = 10 * 60_000;

/** Whether another server has taken the place of the one that was filled: it knows nothing of what had not reached it by then. */
export async function hasMoved({ store: { redis }, server }: MovedDeps): Promise<boolean> {
  const present = await server();
  if (present === null) return false;
  const filled = await redis.get(ownKeys.filledServer);
  if (filled === null) await redis.set(ownKeys.filledServer, present);
  return filled !== null && filled !== present;
}

/** Writes anew all that may be lost. A process that dies at it leaves it to the next sweep. */
export async function fillMoved(deps: MovedDeps): Promise<void> {
  const present = await deps.server();
  await deps.retell((deps.clock.now() - LOST_MS) as Instant);
  await rebuildReadModels(deps);
  if (present !== null) await deps.store.redis.set(ownKeys.filledServer, present);
}
