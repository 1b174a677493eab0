import { expect, test } from "bun:test";
import { createLogger } from "./pino-logger.ts";
import { REDACTED, redact, redactText } from "./redact.ts";

test("members that hold secrets or people are taken out at any depth, whatever their spelling", () => {
  const logged = redact({
    headers: { Authorization: "x", "set-cookie": "y", "x-order-token": "z", accept: "application/json" },
    customer: [{ email: "a", shipping_address: { line1: "b" }, id: "cus_1" }],
    api_key: "c",
    clientSecret: "d",
  });
  expect(logged).toEqual({
    headers: { Authorization: REDACTED, "set-cookie": REDACTED, "x-order-token": REDACTED, accept: "application/json" },
    customer: [{ email: REDACTED, shipping_address: REDACTED, id: "cus_1" }],
    api_key: REDACTED,
    clientSecret: REDACTED,
  });
});

test("secrets inside a text are taken out", () => {
  const text = "ann@shop.example Bearer abc.def eyJhbGciOi.eyJzdWIi.sig sk_live_0123456789 postgres://user:pw@db/stoa";
  const clean = redactText(text);
  for (const secret of ["ann@", "abc.def", "eyJ", "sk_live", "user:pw"]) expect(clean).not.toContain(secret);
  expect(clean).toContain("db/stoa");
});

test("a value that is too deep or holds itself is cut, not followed", () => {
  const loop: Record<string, unknown> = { name: "a" };
  loop.self = loop;
  expect(JSON.stringify(redact(loop))).toContain("[deep]");
});

test("a log line is one JSON object with the child's members, and errors lose what is secret in them", () => {
  const lines: string[] = [];
  const logger = createLogger({ name: "edge", level: "info" }, { write: (line: string) => void lines.push(line) });
  logger.debug("not written");
  logger
    .child({ requestId: "req-12345678", orderId: "ord_1" })
    .error("call failed for bob@shop.example", { error: new Error("refused eve@shop.example") });
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0] ?? "");
  expect(line).toMatchObject({ level: "error", name: "edge", requestId: "req-12345678", orderId: "ord_1" });
  expect(line.msg).toBe(`call failed for ${REDACTED}`);
  expect(line.error.message).toBe(`refused ${REDACTED}`);
  expect(lines[0]).not.toContain("eve@");
});
