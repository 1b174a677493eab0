import { expect, test } from "bun:test";
import { problem } from "@stoa/kernel";
import { type ResilienceEvent, type ResilienceOptions, resilient, Unavailable } from "./resilience.ts";

const base: ResilienceOptions = {
  name: "core",
  timeoutMs: 1_000,
  retries: 2,
  breaker: { failures: 3, halfOpenAfterMs: 20 },
  bulkhead: { concurrent: 4, queued: 4 },
};

async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

test("a safe call is tried again, an unsafe one is not", async () => {
  for (const [safe, attempts] of [
    [true, 3],
    [false, 1],
  ] as const) {
    let calls = 0;
    const guard = resilient({ ...base, breaker: { failures: 10, halfOpenAfterMs: 20 } });
    const error = await thrownBy(
      guard.run(
        async () => {
          calls += 1;
          throw new Error("connection reset");
        },
        { safe },
      ),
    );
    expect(error).toMatchObject({ message: "connection reset" });
    expect(calls).toBe(attempts);
  }
});

test("a refusal is an answer: it is not tried again and does not open the breaker", async () => {
  let calls = 0;
  const guard = resilient(base);
  for (let round = 0; round < 6; round += 1) {
    const error = await thrownBy(
      guard.run(
        async () => {
          calls += 1;
          throw problem("out_of_stock");
        },
        { safe: true },
      ),
    );
    expect(error).toMatchObject({ code: "out_of_stock" });
  }
  expect(calls).toBe(6);
});

test("a call that hangs ends at its time-out with its signal aborted", async () => {
  let aborted = false;
  const guard = resilient({ ...base, timeoutMs: 10 });
  const error = await thrownBy(
    guard.run(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            aborted = true;
            reject(signal.reason);
          });
        }),
      { safe: false },
    ),
  );
  expect(error).toBeInstanceOf(Unavailable);
  expect(error).toMatchObject({ dependency: "core", reason: "timeout" });
  expect(aborted).toBe(true);
});

test("after failures in a row the breaker sends nothing, and one good call closes it again", async () => {
  const events: ResilienceEvent["kind"][] = [];
  let now = 0;
  const breaker = { ...base.breaker, now: () => now };
  const guard = resilient({ ...base, breaker, retries: 0, observe: (event) => events.push(event.kind) });
  let calls = 0;
  const failing = async () => {
    calls += 1;
    throw new Error("down");
  };
  for (let round = 0; round < 3; round += 1) await thrownBy(guard.run(failing, { safe: false }));
  const refused = await thrownBy(guard.run(failing, { safe: false }));
  expect(refused).toMatchObject({ reason: "breaker_open" });
  expect(calls).toBe(3);
  now = base.breaker.halfOpenAfterMs;
  expect(await guard.run(async () => "up", { safe: false })).toBe("up");
  expect(events).toContain("opened");
  expect(events).toContain("closed");
});

test("more calls at once than the bulkhead holds are refused without being sent", async () => {
  const guard = resilient({ ...base, bulkhead: { concurrent: 1, queued: 1 } });
  const { promise: gate, resolve } = Promise.withResolvers<void>();
  let sent = 0;
  const call = async () => {
    sent += 1;
    await gate;
  };
  const first = guard.run(call, { safe: false });
  const second = guard.run(call, { safe: false });
  expect(await thrownBy(guard.run(call, { safe: false }))).toMatchObject({ reason: "bulkhead_full" });
  resolve();
  await Promise.all([first, second]);
  expect(sent).toBe(2);
});

test("a call that nobody listened to is tried again even when it must not be repeated, since it was never sent", async () => {
  let calls = 0;
  const guard = resilient({ ...base, retries: 0, breaker: { failures: 10, halfOpenAfterMs: 20 } });
  const answer = await guard.run(
    async () => {
      calls += 1;
      if (calls < 3) throw new Unavailable("core", "refused");
      return "placed";
    },
    { safe: false },
  );
  expect(answer).toBe("placed");
  expect(calls).toBe(3);
});

test("when all calls fail, not all of them are made again", async () => {
  let calls = 0;
  const guard = resilient({ ...base, retries: 1, random: () => 0, breaker: { failures: 1_000, halfOpenAfterMs: 20 } });
  const failing = async () => {
    calls += 1;
    throw new Error("down");
  };
  for (let round = 0; round < 40; round += 1) await thrownBy(guard.run(failing, { safe: true }));
  expect(calls).toBeGreaterThan(40);
  expect(calls).toBeLessThan(60);
});

test("it tells how the dependency stands", async () => {
  const guard = resilient({ ...base, retries: 0, bulkhead: { concurrent: 1, queued: 4 } });
  const gate = Promise.withResolvers<void>();
  const calls = [guard.run(() => gate.promise, { safe: false }), guard.run(() => gate.promise, { safe: false })];
  expect(guard.state()).toEqual({ breaker: "closed", running: 1, waiting: 1, limit: 1 });
  gate.resolve();
  await Promise.all(calls);
  const failing = () => Promise.reject(new Error("down"));
  for (let round = 0; round < 3; round += 1) await thrownBy(guard.run(failing, { safe: false }));
  expect(guard.state()).toEqual({ breaker: "open", running: 0, waiting: 0, limit: 1 });
});
