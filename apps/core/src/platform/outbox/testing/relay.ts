import { fixedClock } from "@stoa/kernel";
import { isNull } from "drizzle-orm";
import { z } from "zod";
import { type Database, transact } from "../../db/index.ts";
import { deadLetter, outbox } from "../../tables.ts";
import { defineMessage, enqueue, type OutboxRow, Relay } from "../index.ts";

export const told = defineMessage("queue", "test.told", z.object({ n: z.int() }));
export const shown = defineMessage("projection", "test.shown", z.object({ n: z.int() }));

export interface World {
  readonly carried: string[];
  /** Throws for a row with this key, as often as the number says. */
  readonly failing: Map<string, number>;
  /** What is left to do for a row with this key. */
  readonly rests: Map<string, Promise<void>>;
  /** Nothing is taken before. */
  open: Promise<void>;
}

/** A relay over an empty outbox, and what it has carried. */
export async function relayOver(db: Database, attemptsMax = 3, markAfterMs = 0) {
  await db.delete(outbox);
  await db.delete(deadLetter);
  const clock = fixedClock("2026-03-01T12:00:00Z");
  const world: World = { carried: [], failing: new Map(), rests: new Map(), open: Promise.resolve() };
  const forward = async (rows: readonly OutboxRow[]) => {
    await world.open;
    for (const row of rows) {
      const left = world.failing.get(row.key) ?? 0;
      if (left === 0) continue;
      world.failing.set(row.key, left - 1);
      throw new Error(`${row.key} was not taken`);
    }
    world.carried.push(...rows.map((row) => row.key));
    const rests = rows.flatMap((row) => world.rests.get(row.key) ?? []);
    return { rest: Promise.all(rests).then(() => undefined) };
  };
  const observe = { sent: () => undefined, failed: () => undefined, deadLettered: () => undefined };
  const relay = new Relay({
    db,
    clock,
    attemptsMax,
    claimMs: 10_000,
    markAfterMs,
    observe,
    forward: { queue: forward, projection: forward },
  });
  const tell = (...keys: string[]) =>
    transact(db, (tx) =>
      enqueue(
        tx,
        clock.now(),
        keys.map((key, n) => told.of(key, { n })),
      ),
    );
  const waiting = async () => (await db.select({ key: outbox.key }).from(outbox).where(isNull(outbox.sentAt))).length;
  return { clock, world, relay, tell, waiting };
}
