import { afterAll, beforeEach, expect, test } from "bun:test";
import { customers, signUp } from "./shoppers.ts";

const asked: string[] = [];
let answers: Response[] = [];
const door = Bun.serve({
  port: 0,
  fetch(request) {
    asked.push(new URL(request.url).pathname);
    return answers.shift() ?? new Response(null, { status: 500 });
  },
});
afterAll(() => door.stop(true));
beforeEach(() => void asked.splice(0));

const busy = () => new Response(null, { status: 503, headers: { "retry-after": "0" } });
const signUpAda = () => signUp(door.url.origin, "https://shop.example", customers.ada);

test("a shop that is busy is asked again", async () => {
  answers = [busy(), Response.json({ token: "t" }), busy(), new Response(null, { status: 201 })];
  expect(await signUpAda()).toBe("t");
  expect(asked).toEqual(["/v1/auth/sign-up/email", "/v1/auth/sign-up/email", "/v1/me/addresses", "/v1/me/addresses"]);
});

test("who was signed up by a call that was answered too late signs in", async () => {
  const isKnown = Response.json({ code: "USER_ALREADY_EXISTS" }, { status: 422 });
  answers = [busy(), isKnown, Response.json({ token: "t" }), new Response(null, { status: 201 })];
  expect(await signUpAda()).toBe("t");
  expect(asked.slice(1)).toEqual(["/v1/auth/sign-up/email", "/v1/auth/sign-in/email", "/v1/me/addresses"]);
});

test("a refusal is told by its step", async () => {
  answers = [new Response("no", { status: 403 }), new Response("no", { status: 403 })];
  await expect(signUpAda()).rejects.toThrow("signing up ada@example.com was answered 403");
});
