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

test.each([
  ["ann@shop.example", "ann@"],
  ["mail to Ann.O'Hara+news@mail.shop.co.uk, please", "O'Hara"],
  ["user@163.com and user@3.basecamp.example", "user"],
  ["jürgen@müller.example", "jürgen"],
  ["GET /v1/orders?email=ann%40shop.example&page=2", "ann"],
  ["<ann@shop.example>", "ann"],
  ["card 4242424242424242 was declined", "4242"],
  ["card 4242 4242 4242 4242, 5555-5555-5555-4444", "4242"],
  ["amex 378282246310005", "378282"],
  ["Authorization: Bearer abc.def", "abc.def"],
  ["bearer sess_0123456789", "sess_"],
  ["eyJhbGciOi.eyJzdWIi.sig", "eyJ"],
  ["sk_live_0123456789abc", "0123456789"],
  ["rk_test_51HabcDEF", "51Habc"],
  ["key sk_Zx-Y_0aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789-_a was refused", "0123456789-_a"],
  ["whsec_abcdefgh12345", "abcdefgh"],
  ["pi_3NabcDEF_secret_XyZ123", "XyZ123"],
  ["AKIAIOSFODNN7EXAMPLE", "AKIA"],
  ["-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY----- after", "MIIabc"],
  ["https://shop.example/reset?token=0f1e2d&next=/", "0f1e2d"],
  ["redis://:hunter2@cache:6379", "hunter2"],
])("%p loses its secret", (text, secret) => {
  const clean = redactText(text);
  expect(clean).not.toContain(secret);
  expect(clean).toContain(REDACTED);
});

test.each([
  "package@1.2.3",
  "at node_modules/.bun/ioredis@6.0.0+2b91fc17/node_modules/ioredis/built/Redis.js:12:3",
  "@scope/kit@4.0.0-beta.rc and zod@10.0.1-canary.x",
  "icon@2x.png, logo@1.5x.webp",
  "install left-pad@latest",
  "an order at 1767225600000, 1767225600000000000",
  "trace 4bf92f3577b34da6a3ce929d0e0e4736, 4000000000000000-1",
  "id 4242424242424241, amount 5200",
  "Bearer token missing",
  "WWW-Authenticate: Bearer realm=stoa",
  "sk_function_name is not defined",
  "payment pi_3NabcDEFghiJKL of ord_01m8gczg06ebavsztmzyvrsz46",
  "GET /v1/products?page=2&sort=price",
  "https://shop.example/a@b",
])("%p is left as it is", (text) => {
  expect(redactText(text)).toBe(text);
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
