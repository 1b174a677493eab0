import { expect, test } from "bun:test";
import { ConcurrencyLimit, LimitReached, nextLimit } from "./concurrency-limit.ts";

const bounds = { targetMs: 400, floor: 8, concurrent: 100 };

test("calls that take too long lower the limit, down to its floor", () => {
  expect(nextLimit(100, { medianMs: 401, wasFull: false }, bounds)).toBe(80);
  expect(nextLimit(100, { medianMs: 600, wasFull: true }, bounds)).toBe(66);
  expect(nextLimit(100, { medianMs: 5_000, wasFull: true }, bounds)).toBe(50);
  expect(nextLimit(9, { medianMs: 5_000, wasFull: true }, bounds)).toBe(8);
});

test("the limit grows only while callers wait for it, up to its most", () => {
  expect(nextLimit(50, { medianMs: 400, wasFull: true }, bounds)).toBe(55);
  expect(nextLimit(50, { medianMs: 10, wasFull: false }, bounds)).toBe(50);
  expect(nextLimit(96, { medianMs: 10, wasFull: true }, bounds)).toBe(100);
});

test("a dependency that slows down is given fewer calls at once, and more again when it is well", async () => {
  const clock = { now: 0 };
  const limit = new ConcurrencyLimit({
    concurrent: 20,
    queued: 20,
    waitMs: 60_000,
    adapt: { targetMs: 100, floor: 2, start: 20 },
    now: () => clock.now,
  });
  await crowd(limit, clock, 500);
  expect(limit.state.limit).toBeLessThan(20);
  for (let count = 0; count < 40 && limit.state.limit < 20; count += 1) {
    clock.now += 200;
    await crowd(limit, clock, 1);
  }
  expect(limit.state).toEqual({ limit: 20, running: 0, waiting: 0 });
});

/** More calls than there are places, those that are begun together taking so long each. */
async function crowd(limit: ConcurrencyLimit, clock: { now: number }, durationMs: number, size = 30): Promise<void> {
  const gate = Promise.withResolvers<void>();
  const calls = Array.from({ length: size }, () => limit.run(() => gate.promise));
  clock.now += durationMs;
  gate.resolve();
  await Promise.all(calls);
}

test("callers are served in turn", async () => {
  const limit = new ConcurrencyLimit({ concurrent: 1, queued: 4, waitMs: 60_000 });
  const gate = Promise.withResolvers<void>();
  const served: number[] = [];
  const calls = [limit.run(() => gate.promise)];
  for (const caller of [1, 2, 3, 4]) calls.push(limit.run(async () => void served.push(caller)));
  gate.resolve();
  await Promise.all(calls);
  expect(served).toEqual([1, 2, 3, 4]);
});

test("who waits longer than agreed is turned away without being begun, and its place in the queue is free again", async () => {
  const limit = new ConcurrencyLimit({ concurrent: 1, queued: 1, waitMs: 1 });
  const gate = Promise.withResolvers<void>();
  const first = limit.run(() => gate.promise);
  let begun = false;
  const second = limit.run(async () => {
    begun = true;
  });
  expect(await second.catch((error: unknown) => error)).toBeInstanceOf(LimitReached);
  expect(begun).toBe(false);
  expect(limit.state).toEqual({ limit: 1, running: 1, waiting: 0 });
  gate.resolve();
  await first;
  expect(await limit.run(async () => "served")).toBe("served");
});

test("whoever would wait too long is turned away at once, and let in again when calls are quick", async () => {
  const clock = { now: 0 };
  const limit = new ConcurrencyLimit({ concurrent: 10, queued: 100, waitMs: 400, now: () => clock.now });
  await crowd(limit, clock, 300);
  const slow = Promise.withResolvers<void>();
  const calls = Array.from({ length: 30 }, () => limit.run(() => slow.promise).catch((error: unknown) => error));
  // Ten are at work and each place comes free once in 300 ms: seven wait some 200 ms, an eighth would wait longer.
  expect(limit.state).toEqual({ limit: 10, running: 10, waiting: 7 });
  expect(limit.isFull).toBe(true);
  slow.resolve();
  expect((await Promise.all(calls)).filter((one) => one instanceof LimitReached)).toHaveLength(13);
  expect(limit.isFull).toBe(false);
  clock.now += 200;
  await crowd(limit, clock, 1, 17);
  const quick = Promise.withResolvers<void>();
  const later = Array.from({ length: 60 }, () => limit.run(() => quick.promise));
  expect(limit.state).toMatchObject({ running: 10, waiting: 50 });
  quick.resolve();
  await Promise.all(later);
});
