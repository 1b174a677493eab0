import { expect, test } from "bun:test";
import { createLogger } from "./pino-logger.ts";
import { errorText, REDACTED, redact, redactText } from "./redact.ts";

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

test("a long text is cut between words, so that no half of a secret is left of one that the cut goes through", () => {
  const secrets = ["jane.roe@example.com", `eyJ${"a".repeat(40)}.${"b".repeat(40)}.${"c".repeat(40)}`];
  for (const secret of secrets) {
    for (let before = 3_860; before <= 4_000; before += 2) {
      const text = redactText(`${"x ".repeat(before / 2)}${secret}${" y".repeat(500)}`);
      expect(text).not.toMatch(/jane|eyJ/);
      expect(text.length).toBeLessThan(4_020);
    }
  }
});

test("the values of a statement that failed are told neither by its message nor by its stack", () => {
  const failed = () =>
    new Error("Failed query: insert into t values ($1, $2)\nparams: Ann Example\n    at Skerryvore,1 Main St");
  const logged = JSON.stringify(redact({ error: new Error("outer", { cause: failed() }), again: failed() }));
  for (const said of ["Ann Example", "Skerryvore", "Main St"]) expect(logged).not.toContain(said);
  expect(logged).toContain("insert into t");
  expect(logged).toContain("redact.test.ts");
  expect(errorText(failed(), 500)).toBe(`Error: Failed query: insert into t values ($1, $2)\nparams: ${REDACTED}`);
  expect(errorText("bob@shop.example", 500)).toBe(REDACTED);
  expect(errorText(new Error("x".repeat(900)), 500)).toHaveLength(500);
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
