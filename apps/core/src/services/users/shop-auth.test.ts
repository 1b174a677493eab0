import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { SESSION_KEY_PREFIX } from "@stoa/read-models";
import { eq } from "drizzle-orm";
import { createLocalJWKSet, jwtVerify } from "jose";
import { z } from "zod";
import { readProfile } from "./customers.ts";
import { findAccount } from "./find-account.ts";
import { findSession } from "./find-session.ts";
import { user } from "./tables.ts";
import { bothDoors, type Doors, PASSWORD, SHOP } from "./testing/doors.ts";
import { anotherClient, aShopper, cookieOf, post, tokenOf } from "./testing/shoppers.ts";
import { updateProfile } from "./update-profile.ts";

let doors: Doors;
beforeAll(async () => {
  doors = await bothDoors();
});
afterAll(() => doors[Symbol.asyncDispose]());

describe("a shopper", () => {
  test("who signs up is signed in, is a customer, and has a session in Redis that knows it", async () => {
    const { token, email, actor } = await aShopper(doors);
    const stored = JSON.parse((await doors.deps.redis.get(SESSION_KEY_PREFIX + token)) ?? "null");
    expect(stored.user.customerId).toBe(actor.customerId);
    expect(await readProfile(doors.deps, actor)).toMatchObject({ id: actor.customerId, email, name: "Ada" });
  });

  test("cannot choose the customer that a new account belongs to", async () => {
    const foreign = newId("cus");
    const body = { email: `${crypto.randomUUID()}@example.com`, password: PASSWORD, name: "Eve", customerId: foreign };
    const response = await post(doors.deps.shopAuth, `${SHOP}/v1/auth/sign-up/email`, body);
    if (response.ok) {
      const found = await findSession(doors.deps, await tokenOf(response));
      expect(found?.customerId).not.toBe(foreign);
    } else {
      expect(response.status).toBe(400);
    }
  });

  test("signs in with the right password only, and is signed out everywhere at once", async () => {
    const { email } = await aShopper(doors);
    const wrong = await post(doors.deps.shopAuth, `${SHOP}/v1/auth/sign-in/email`, {
      email,
      password: "wrong password",
    });
    expect(wrong.status).toBe(401);
    const right = await post(doors.deps.shopAuth, `${SHOP}/v1/auth/sign-in/email`, { email, password: PASSWORD });
    const token = await tokenOf(right);
    const out = await post(doors.deps.shopAuth, `${SHOP}/v1/auth/sign-out`, {}, { cookie: cookieOf(right) });
    expect(out.status).toBe(200);
    expect(await doors.deps.redis.get(SESSION_KEY_PREFIX + token)).toBeNull();
    expect(await findSession(doors.deps, token)).toBeNull();
  });

  test("stays signed in when Redis has lost everything", async () => {
    const { token, actor } = await aShopper(doors);
    await doors.deps.redis.del(SESSION_KEY_PREFIX + token);
    expect(await findSession(doors.deps, token)).toMatchObject({ customerId: actor.customerId });
    expect(await doors.deps.redis.get(SESSION_KEY_PREFIX + token)).toContain(actor.customerId);
  });

  test("gets a short-lived JWT that the published keys verify", async () => {
    const { cookie, actor } = await aShopper(doors);
    const headers = { cookie, "x-stoa-client-ip": "203.0.113.7" };
    const answer = await doors.deps.shopAuth.handler(new Request(`${SHOP}/v1/auth/token`, { headers }));
    const token = await tokenOf(answer);
    const published = await doors.deps.shopAuth.handler(new Request(`${SHOP}/v1/auth/jwks`));
    const keys = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) }).parse(await published.json());
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), { issuer: SHOP, audience: "stoa-storefront" });
    expect(payload.customerId).toBe(actor.customerId);
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
  });

  test("is refused from a stranger's page", async () => {
    const { cookie } = await aShopper(doors);
    const headers = { cookie, origin: "https://evil.example" };
    const response = await post(doors.deps.shopAuth, `${SHOP}/v1/auth/sign-out`, {}, headers);
    expect(response.status).toBe(403);
  });

  test("changes the profile, and what was not named stays", async () => {
    const { actor } = await aShopper(doors);
    await updateProfile(doors.deps, actor, { phone: "+49 30 1" });
    expect(await updateProfile(doors.deps, actor, { name: "Ada L." })).toMatchObject({
      name: "Ada L.",
      phone: "+49 30 1",
    });
  });
});

describe("a name", () => {
  const called = async (cookie: string) => {
    const headers = { cookie, ...anotherClient() };
    const answer = await doors.deps.shopAuth.handler(new Request(`${SHOP}/v1/auth/get-session`, { headers }));
    return z.object({ user: z.looseObject({ name: z.string() }) }).parse(await answer.json()).user;
  };

  test("is one, whether the profile changes it or the account: in the session, in mails and in the profile", async () => {
    const { cookie, actor } = await aShopper(doors);
    const name = "Ada Lovelace";
    expect(await updateProfile(doors.deps, actor, { name })).toMatchObject({ name });
    const told = await called(cookie);
    expect(told).toMatchObject({ name, customerId: actor.customerId });
    expect(Object.keys(told)).not.toContain("staffTwoFactorEnabled");
    expect(await findAccount(doors.deps.db, actor.userId)).toMatchObject({ name });
    const update = (members: object) =>
      post(doors.deps.shopAuth, `${SHOP}/v1/auth/update-user`, members, { cookie, ...anotherClient() });
    expect((await update({ name: "Augusta" })).status).toBe(200);
    expect(await readProfile(doors.deps, actor)).toMatchObject({ name: "Augusta" });
    expect(await called(cookie)).toMatchObject({ name: "Augusta" });
  });

  test("that no profile takes is no account's either", async () => {
    const { cookie, actor } = await aShopper(doors);
    for (const members of [
      { name: "" },
      { name: "x".repeat(101) },
      { name: "Ada\nBcc: all@example.com" },
      { image: "javascript:alert(1)" },
    ]) {
      const answer = await post(doors.deps.shopAuth, `${SHOP}/v1/auth/update-user`, members, {
        cookie,
        ...anotherClient(),
      });
      expect([members, answer.status]).toEqual([members, 400]);
    }
    expect(await readProfile(doors.deps, actor)).toMatchObject({ name: "Ada" });
  });
});

describe("a link in a mail", () => {
  const lastTo = (userId: string) => doors.mails.findLast((mail) => mail.userId === userId);

  test("shows that the address of a new account is its owner's", async () => {
    const { token, actor } = await aShopper(doors);
    const mail = lastTo(actor.userId);
    expect(mail).toMatchObject({ kind: "verify_email", customerId: actor.customerId });
    expect((await findSession(doors.deps, token))?.emailVerified).toBe(false);
    expect(mail?.url).toStartWith(`${SHOP}/v1/auth/verify-email?token=`);
    const answer = await doors.deps.shopAuth.handler(new Request(mail?.url ?? ""));
    expect(answer.status).toBeLessThan(400);
    const [row] = await doors.deps.db.select().from(user).where(eq(user.id, actor.userId));
    expect(row?.emailVerified).toBe(true);
  });

  test("chooses a new password once, and ends every session of the account", async () => {
    const { email, token, actor } = await aShopper(doors);
    const ask = await post(doors.deps.shopAuth, `${SHOP}/v1/auth/request-password-reset`, { email }, anotherClient());
    expect(ask.status).toBe(200);
    const mail = lastTo(actor.userId);
    expect(mail?.kind).toBe("reset_password");
    const choose = (newPassword: string) =>
      post(doors.deps.shopAuth, `${SHOP}/v1/auth/reset-password`, { newPassword, token: mail?.token });
    expect((await choose("another password")).status).toBe(200);
    expect((await choose("a third password")).status).toBe(400);
    expect(await findSession(doors.deps, token)).toBeNull();
    const signIn = (secret: string) =>
      post(doors.deps.shopAuth, `${SHOP}/v1/auth/sign-in/email`, { email, password: secret });
    expect((await signIn(PASSWORD)).status).toBe(401);
    expect((await signIn("another password")).status).toBe(200);
  });

  test("is sent to nobody for an address without an account, and the answer does not tell", async () => {
    const { email } = await aShopper(doors);
    const before = doors.mails.length;
    const ask = (address: string) =>
      post(doors.deps.shopAuth, `${SHOP}/v1/auth/request-password-reset`, { email: address }, anotherClient());
    const [known, unknown] = [await ask(email), await ask("nobody@example.com")];
    expect([unknown.status, await unknown.json()]).toEqual([known.status, await known.json()]);
    expect(doors.mails.length - before).toBe(1);
  });
});
