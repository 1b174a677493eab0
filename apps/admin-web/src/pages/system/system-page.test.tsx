import { expect, test } from "bun:test";
import { screen } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import { type Health, verdictOf } from "./health.ts";
import { SystemPage } from "./system-page.tsx";

const provider = {
  ...({ provider: "stripe", breaker: "closed", running: 0, waiting: 0, limit: 64 } as const),
  ...{ answeredAt: "2026-03-01T12:00:00Z", failure: null, unappliedEvents: 0, openRefunds: 0 },
};
const mail = {
  ...{ hasServer: true, sentAt: null, waiting: 0, oldestSeconds: 0, failing: 0, lastError: null, dead: 0 },
};
const health: Health = {
  dependencies: { ok: true, checks: { postgres: { ok: true, latencyMs: 1 } } },
  providers: [provider],
  mail,
  outbox: { waiting: 0, lagSeconds: 0, deadLetters: 0 },
  stuck: [],
};

test("an open circuit and a mail server that takes nothing are told with their last failure", async () => {
  const failure = { at: "2026-03-01T12:00:00Z", operation: "authorize", code: "no_connection" };
  const ill = {
    ...health,
    providers: [{ ...provider, breaker: "open", failure }],
    mail: { ...mail, failing: 3, lastError: "Error: connect ECONNREFUSED" },
  };
  await stage(<SystemPage />, ["system:read"], ({ path }) => ({
    data: path === "system.health" ? ill : { items: [] },
  }));
  await screen.findByText("Something is down");
  expect(screen.getByText("Circuit open: calls are refused for now")).toBeDefined();
  expect(screen.getByText(/Last failure .*: call “authorize”, no_connection/)).toBeDefined();
  expect(screen.getByText("The mail server does not take them")).toBeDefined();
  expect(screen.getByText("Error: connect ECONNREFUSED")).toBeDefined();
});

test("what is away comes before what needs a look, and that before all is well", () => {
  expect(verdictOf(health)).toBe("well");
  expect(verdictOf({ ...health, mail: { ...mail, waiting: 1, oldestSeconds: 299 } })).toBe("well");
  expect(verdictOf({ ...health, mail: { ...mail, waiting: 1, oldestSeconds: 301 } })).toBe("attention");
  expect(verdictOf({ ...health, mail: { ...mail, dead: 1 } })).toBe("attention");
  expect(verdictOf({ ...health, providers: [{ ...provider, breaker: "half_open" }] })).toBe("well");
  expect(verdictOf({ ...health, providers: [{ ...provider, breaker: "open" }] })).toBe("down");
});
