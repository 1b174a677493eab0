import { expect, test } from "bun:test";
import { signIn } from "./auth.ts";

const answering = (status: number, body: object = {}) =>
  Object.assign(async () => Response.json(body, { status }), { preconnect: fetch.preconnect });

test("a wrong e-mail and a wrong password are told alike", async () => {
  const refused = { kind: "refused", reason: "E-mail or password is wrong." };
  expect(await signIn("a@example.com", "x", answering(401, { code: "INVALID_EMAIL_OR_PASSWORD" }))).toEqual(
    refused as never,
  );
  expect(await signIn("a@example.com", "x", answering(401))).toEqual(refused as never);
});

test("too many tries and a core that is away are told as such", async () => {
  expect(await signIn("a@example.com", "x", answering(429))).toMatchObject({
    reason: expect.stringContaining("Too many"),
  });
  expect(await signIn("a@example.com", "x", answering(503))).toMatchObject({ reason: expect.stringContaining("core") });
});

test("the right password opens", async () => {
  expect(await signIn("a@example.com", "x", answering(200))).toEqual({ kind: "ok" });
});
