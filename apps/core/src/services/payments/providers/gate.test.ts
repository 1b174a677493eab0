import { describe, expect, test } from "bun:test";
import { type CallRecord, createGate, retryAfterOf } from "./gate.ts";
import { tokenBucket } from "./token-bucket.ts";

function testGate() {
  const records: CallRecord[] = [];
  const gate = createGate({
    provider: "stripe",
    classify: (error) => ({
      outcome: error instanceof TypeError ? "unknown" : "declined",
      status: null,
      code: String(error),
      retryAfterMs: error instanceof RangeError ? 30_000 : null,
    }),
    record: (call) => records.push(call),
    requestsPerSecond: 1_000,
  });
  return { gate, records };
}

const call = { operation: "create", paymentId: null, key: "k", safe: true };
const refuse = (error: Error) => () => Promise.reject(error);

describe("the way out to a provider", () => {
  test("sends a safe call once more when its outcome is unknown, and logs both", async () => {
    const { gate, records } = testGate();
    let sent = 0;
    const answer = await gate.run(call, async () => {
      sent += 1;
      if (sent === 1) throw new TypeError("connection lost");
      return "done";
    });
    expect(answer).toBe("done");
    expect(records.map((record) => record.outcome)).toEqual(["unknown", "ok"]);
  });

  test("never sends again what must not be, nor what was declined", async () => {
    const { gate, records } = testGate();
    await expect(gate.run({ ...call, safe: false }, refuse(new TypeError("lost")))).rejects.toThrow("lost");
    await expect(gate.run(call, refuse(new Error("declined")))).rejects.toThrow("declined");
    expect(records.map((record) => record.outcome)).toEqual(["unknown", "declined"]);
  });

  test("closes for a while when the provider does not answer, but not because it declines", async () => {
    const { gate, records } = testGate();
    for (let index = 0; index < 20; index += 1) await gate.run(call, refuse(new Error("declined"))).catch(() => null);
    expect(records.some((record) => record.outcome === "not_sent")).toBe(false);
    for (let index = 0; index < 20; index += 1) await gate.run(call, refuse(new TypeError("lost"))).catch(() => null);
    expect(records.at(-1)).toMatchObject({ outcome: "not_sent", code: "breaker_open" });
    expect(records.filter((record) => record.outcome === "unknown").length).toBeLessThan(20);
  });
});

test("a provider that asks to be left alone is left alone, and by the retry too", async () => {
  const { gate, records } = testGate();
  await expect(gate.run(call, refuse(new RangeError("too many")))).rejects.toThrow();
  await expect(gate.run(call, async () => "done")).rejects.toThrow("bulkhead_full");
  expect(records.map((record) => record.outcome)).not.toContain("ok");
  expect(retryAfterOf({ "Retry-After": "2" })).toBe(2_000);
  expect(retryAfterOf({ "retry-after": "Fri, 27 Nov 2026 02:40:05 GMT" })).toBeNull();
  expect(retryAfterOf(undefined)).toBeNull();
});

test("calls beyond the burst wait their turn, and beyond the queue are turned away", async () => {
  let now = 0;
  const waits: number[] = [];
  const mayPass = tokenBucket({
    perSecond: 10,
    burst: 2,
    waitMaxMs: 250,
    nowMs: () => now,
    sleep: async (durationMs) => {
      waits.push(durationMs);
    },
  });
  expect(await Promise.all([mayPass(), mayPass(), mayPass(), mayPass(), mayPass()])).toEqual([
    true,
    true,
    true,
    true,
    false,
  ]);
  expect(waits).toEqual([100, 200]);
  now = 1_000;
  expect(await mayPass()).toBe(true);
  expect(waits).toHaveLength(2);
});
