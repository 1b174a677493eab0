import { expect, setDefaultTimeout, test } from "bun:test";
import { fixedClock, newId } from "@stoa/kernel";
import { databaseForFile } from "../../testing/index.ts";
import { readProviderHealth } from "./provider-health.ts";
import { createProviderStandings } from "./provider-standings.ts";
import { createGate } from "./providers/gate.ts";
import { createManualProvider } from "./providers/manual.ts";
import type { PaymentProvider } from "./providers/provider.ts";
import { providerEvent } from "./tables.ts";

setDefaultTimeout(30_000);

const { db } = await databaseForFile();
const clock = fixedClock("2026-03-01T12:00:00Z");
const call = { operation: "authorize", paymentId: null, key: "k", safe: false };

function stripe() {
  const standings = createProviderStandings(clock);
  const gate = createGate({
    provider: "stripe",
    classify: () => ({ outcome: "unknown", status: null, code: "no_connection" }),
    record: standings.record,
    requestsPerSecond: 1_000,
  });
  const provider = { ...createManualProvider(), name: "stripe", guard: gate.state } as PaymentProvider;
  const providers = new Map([
    ["stripe", provider],
    ["manual", createManualProvider()],
  ] as const);
  return { gate, read: () => readProviderHealth({ db, providers, standings }) };
}

test("a provider that is called has its last answer; one that nobody calls has no health", async () => {
  const { gate, read } = stripe();
  expect(await read()).toMatchObject([{ provider: "stripe", breaker: "closed", answeredAt: null, failure: null }]);
  await gate.run(call, async () => "done");
  expect(await read()).toMatchObject([{ breaker: "closed", answeredAt: "2026-03-01T12:00:00.000Z", failure: null }]);
});

test("a provider that does not answer shows its circuit open and its last failure, which what is not sent leaves", async () => {
  const { gate, read } = stripe();
  const lose = () => Promise.reject(new Error("lost"));
  for (let index = 0; index < 20; index += 1) await gate.run(call, lose).catch(() => null);
  await gate.run({ ...call, operation: "capture" }, lose).catch(() => null);
  const failure = { at: "2026-03-01T12:00:00.000Z", operation: "authorize", code: "no_connection" };
  expect(await read()).toMatchObject([{ breaker: "open", running: 0, waiting: 0, answeredAt: null, failure }]);
});

test("news that has not been applied is counted with its provider", async () => {
  const now = clock.now();
  const event = { provider: "stripe", type: "charge.succeeded", rawBody: "{}", verdict: "signature_valid" } as const;
  const times = { receivedAt: now, retryAt: now };
  await db.insert(providerEvent).values([
    { ...event, ...times, id: newId("evt"), eventId: "evt_1" },
    { ...event, ...times, id: newId("evt"), eventId: "evt_2", appliedAt: now, result: "applied" },
  ]);
  expect(await stripe().read()).toMatchObject([{ unappliedEvents: 1, openRefunds: 0 }]);
});
