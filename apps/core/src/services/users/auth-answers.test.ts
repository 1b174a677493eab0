import { expect, test } from "bun:test";
import type { LogFields, Logger } from "@stoa/runtime";
import { silentLogger } from "@stoa/runtime";
import { APIError } from "better-auth/api";
import { authLog, withCode } from "./auth-answers.ts";
import { atShop, bothDoors } from "./testing/doors.ts";

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

function listening() {
  const lines: Line[] = [];
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push({ level, message, fields });
  const logger: Logger = { ...silentLogger, debug: at("debug"), warn: at("warn"), error: at("error") };
  return { lines, logger };
}

test("what better-auth has to say of a call is a line of the shop's log, and a caller's mistake is none of its errors", async () => {
  const { lines, logger } = listening();
  await using doors = await bothDoors({ logger });
  const back = `https://evil.example/${"x".repeat(400)}\n{"level":"error"}`;
  await atShop(doors).post("/sign-in/social", { provider: "nobody", callbackURL: back });
  await atShop(doors).send("GET", "/callback/oidc?code=a&state=b");
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.map(({ level }) => level)).not.toContain("error");
  expect(lines.filter(({ fields }) => String(fields.said).length > 300)).toEqual([]);
});

test("what fails below better-auth is an error of the shop's", () => {
  const { lines, logger } = listening();
  const { log } = authLog(logger);
  const lost = new Error("connection refused");
  log("error", "Error", lost);
  log("error", "INTERNAL_SERVER_ERROR", new APIError("INTERNAL_SERVER_ERROR"));
  log("error", "UNAUTHORIZED", new APIError("UNAUTHORIZED"));
  log("warn", "Invalid password");
  expect(lines.map(({ level }) => level)).toEqual(["error", "error", "debug", "debug"]);
  expect(lines[0]?.fields).toEqual({ said: "Error", error: lost });
});

test("who has called the door too often from one address is told so by a code, and when to come again", async () => {
  await using doors = await bothDoors();
  const browser = atShop(doors);
  const call = async () =>
    withCode(await browser.post("/sign-in/email", { email: crypto.randomUUID(), password: "x" }));
  const statuses = new Set<number>();
  for (let tries = 0; tries < 20; tries += 1) statuses.add((await call()).status);
  expect([...statuses]).toEqual([400]);
  const refused = await call();
  expect([refused.status, await refused.json()]).toEqual([
    429,
    { code: "TOO_MANY_TRIES", message: "Too many tries. Wait a while." },
  ]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  const passed = Response.json({}, { status: 401 });
  expect(withCode(passed)).toBe(passed);
});
