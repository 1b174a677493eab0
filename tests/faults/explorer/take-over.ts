import { type OutboxRow, onOutboxCommit, settingsClock } from "@stoa/core/testing";
import { systemIds } from "@stoa/kernel";
import { currentActivity } from "./activity.ts";
import { gateNetwork } from "./gated-network.ts";
import type { Scheduler } from "./scheduler.ts";

export interface TakeOver {
  readonly scheduler: Scheduler;
  readonly network: Omit<Parameters<typeof gateNetwork>[0], "scheduler">;
  readonly nudged: (rows: readonly OutboxRow[]) => void;
}

/**
 * Ids, the network, the settings' clock and the outbox's nudge are the process's own; for the time of a run they are ours.
 * Answers how they are given back.
 */
export function takeOver({ scheduler, network, nudged }: TakeOver): () => void {
  const ids = { ...systemIds };
  const realNow = settingsClock.now;
  settingsClock.now = () => scheduler.now;
  const stream = () => currentActivity()?.stream ?? scheduler.stream;
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(stream().next() * 16).toString(16)).join("");
  Object.assign(systemIds, {
    ordered: () => uuid(`${scheduler.now.toString(16).padStart(12, "0")}7${hex(3)}8${hex(15)}`),
    random: () => uuid(hex(32)),
  });
  const restoreNetwork = gateNetwork({ scheduler, ...network });
  onOutboxCommit(nudged);
  return () => {
    Object.assign(systemIds, ids);
    settingsClock.now = realNow;
    restoreNetwork();
    onOutboxCommit(() => undefined);
  };
}

function uuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
