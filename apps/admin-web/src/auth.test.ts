import { expect, test } from "bun:test";
import { enterCode, fewCodesLeft, signIn, warnOfFewCodes } from "./auth.ts";

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

test("after the right password a code may have to follow", async () => {
  const door = answering(200, { twoFactorRedirect: true });
  expect(await signIn("a@example.com", "x", door)).toEqual({ kind: "second_step" });
});

test("a code goes to the door without the blanks people put into it, and a wrong one is told as such", async () => {
  const sent: unknown[] = [];
  const door = async (path: string, init?: RequestInit) => {
    sent.push(path, JSON.parse(String(init?.body)));
    return Response.json({ code: "INVALID_CODE" }, { status: 401 });
  };
  expect(await enterCode("totp", "123 456", door)).toMatchObject({ reason: expect.stringContaining("code is wrong") });
  expect(sent).toEqual(["/auth/two-factor/verify-totp", { code: "123456" }]);
});

test("whoever opens the dashboard at another address than its own is told so, not only refused", async () => {
  const door = answering(403, { code: "INVALID_ORIGIN", message: "Invalid origin" });
  expect(await signIn("a@example.com", "x", door)).toMatchObject({ reason: expect.stringContaining("ADMIN_URL") });
});

test("who has only a passkey is told to use it", async () => {
  const door = answering(403, { code: "PASSKEY_REQUIRED" });
  expect(await signIn("a@example.com", "x", door)).toMatchObject({ reason: expect.stringContaining("passkey") });
});

test("the right password opens", async () => {
  expect(await signIn("a@example.com", "x", answering(200))).toEqual({ kind: "ok" });
});

test("whoever has two back-up codes or fewer is told so, and nobody else", async () => {
  expect([10, 3].map(fewCodesLeft)).toEqual([null, null]);
  expect([2, 1, 0].map((left) => fewCodesLeft(left)?.replace(/ left.*/, ""))).toEqual([
    "You have only 2 back-up codes",
    "You have only one back-up code",
    "You have no back-up code",
  ]);
  expect(await warnOfFewCodes(answering(200, { left: 1 }))).toContain("Make new ones");
  expect(await warnOfFewCodes(answering(200, { left: 9 }))).toBeNull();
  expect(await warnOfFewCodes(answering(404))).toBeNull();
});
