import { expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import type { MailKind } from "./kinds.ts";
import { judgeFailure } from "./try-again.ts";

const at = (ms: number) => ms as Instant;

/** Tries a mail for as long as it is tried; answers the pauses in seconds. */
function pausesOf(kind: MailKind, error: unknown): number[] {
  const pauses: number[] = [];
  for (let now = at(0), attempts = 1; attempts < 500; attempts += 1) {
    const verdict = judgeFailure({ error, kind, createdAt: at(0), attempts, now, random: 0.5 });
    if (verdict.kind === "dead") break;
    pauses.push((verdict.at - now) / 1_000);
    now = verdict.at;
  }
  return pauses;
}

test("pauses grow to an hour, and a mail about an order is tried for three days", () => {
  const pauses = pausesOf("order_placed", new Error("Connection closed"));
  expect(pauses.slice(0, 7)).toEqual([10, 30, 90, 270, 810, 2_430, 3_600]);
  const hours = pauses.reduce((sum, pause) => sum + pause, 0) / 3_600;
  expect(hours).toBeGreaterThan(70);
  expect(hours).toBeLessThanOrEqual(72);
});

test("a mail whose link lasts an hour is tried for an hour", () => {
  const hours =
    pausesOf("reset_password", new Error("Connection closed")).reduce((sum, pause) => sum + pause, 0) / 3_600;
  expect(hours).toBeGreaterThan(0.3);
  expect(hours).toBeLessThanOrEqual(1);
});

test("only a refusal of this mail or recipient ends it at once; a wrong password of ours does not", () => {
  const smtp = (code: string, responseCode?: number) => Object.assign(new Error("no"), { code, responseCode });
  expect(pausesOf("order_placed", smtp("EENVELOPE", 550))).toEqual([]);
  expect(pausesOf("order_placed", smtp("EMESSAGE", 554))).toEqual([]);
  for (const error of [smtp("EENVELOPE", 451), smtp("EAUTH", 535), smtp("ECONNECTION"), smtp("EPROTOCOL", 554)]) {
    expect(pausesOf("order_placed", error).length).toBeGreaterThan(10);
  }
});

test("what the server said is kept without the addresses in it", () => {
  const error = new Error('550 <ada@example.com>: unknown; "Ada L"@xn--mgb.example rejected');
  const verdict = judgeFailure({ error, kind: "order_placed", createdAt: at(0), attempts: 1, now: at(0), random: 0 });
  expect(verdict.error).toContain("550");
  expect(verdict.error).not.toContain("@");
  expect(verdict.error).not.toContain("ada");
});
