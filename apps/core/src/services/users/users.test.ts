import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, systemClock } from "@stoa/kernel";
import { SESSION_KEY_PREFIX } from "@stoa/read-models";
import { silentLogger } from "@stoa/runtime";
import { eq } from "drizzle-orm";
import { createLocalJWKSet, jwtVerify } from "jose";
import { z } from "zod";
import { transact } from "../../platform/db/index.ts";
import type { CustomerActor, Right, StaffActor } from "../../platform/rpc/index.ts";
import { defineFields, noTargets, testDatabase, testRedis } from "../../testing/index.ts";
import { createAddress, deleteAddress, listAddresses, updateAddress } from "./addresses.ts";
import { heldByCustomers } from "./customer-fields.ts";
import { readProfile, updateProfile } from "./customers.ts";
import { eraseCustomer } from "./erase-customer.ts";
import { createCustomerFieldsRouter } from "./fields-router.ts";
import { findSession } from "./find-session.ts";
import { type AccountLink, addStaff, createShopAuth, createStaffAuth, findStaff } from "./index.ts";
import { user } from "./tables.ts";

const SHOP = "http://shop.test";
const ADMIN = "http://admin.test";
const password = "correct horse battery";

async function aWorld() {
  const database = await testDatabase();
  const { redis, ...rest } = await testRedis();
  const secret = "s".repeat(40);
  const { db } = database;
  const mails: AccountLink[] = [];
  const sendMail = async (link: AccountLink) => void mails.push(link);
  const shopAuth = createShopAuth({
    db,
    redis,
    secret,
    publicUrl: SHOP,
    trustedOrigins: async () => [],
    identityProviders: { google: null, oidc: null },
    confirmFirst: false,
    throttled: () => undefined,
    logger: silentLogger,
    sendMail,
  });
  const staffAuth = createStaffAuth({
    db,
    redis,
    secret,
    adminUrl: ADMIN,
    throttled: () => undefined,
    logger: silentLogger,
  });
  const deps = { db, redis, clock: systemClock, shopAuth, staffAuth };
  return { database, deps, redis, rest, mails };
}

let world: Awaited<ReturnType<typeof aWorld>>;
beforeAll(async () => {
  world = await aWorld();
});
afterAll(async () => {
  await world.rest[Symbol.asyncDispose]();
  await world.database[Symbol.asyncDispose]();
});

interface Auth {
  handler(request: Request): Promise<Response>;
}

function post(auth: Auth, url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const request = new Request(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      origin: new URL(url).origin,
      "x-stoa-client-ip": "203.0.113.7",
      ...headers,
    },
    body: JSON.stringify(body),
  });
  return auth.handler(request);
}

const signedInSchema = z.object({ token: z.string() });
const tokenOf = async (response: Response) => signedInSchema.parse(await response.json()).token;

const cookieOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");

async function aShopper() {
  const email = `${crypto.randomUUID()}@example.com`;
  const response = await post(world.deps.shopAuth, `${SHOP}/v1/auth/sign-up/email`, { email, password, name: "Ada" });
  expect(response.status).toBe(200);
  const token = await tokenOf(response);
  const found = await findSession(world.deps, token);
  if (!found) throw new Error("no session");
  const actor: CustomerActor = { kind: "customer", ...found };
  return { email, token, actor, cookie: cookieOf(response) };
}

describe("a shopper", () => {
  test("who signs up is signed in, is a customer, and has a session in Redis that knows it", async () => {
    const { token, email, actor } = await aShopper();
    const stored = JSON.parse((await world.redis.get(SESSION_KEY_PREFIX + token)) ?? "null");
    expect(stored.user.customerId).toBe(actor.customerId);
    expect(await readProfile(world.deps, actor)).toMatchObject({ id: actor.customerId, email, name: "Ada" });
  });

  test("cannot choose the customer that a new account belongs to", async () => {
    const foreign = newId("cus");
    const body = { email: `${crypto.randomUUID()}@example.com`, password, name: "Eve", customerId: foreign };
    const response = await post(world.deps.shopAuth, `${SHOP}/v1/auth/sign-up/email`, body);
    if (response.ok) {
      const found = await findSession(world.deps, await tokenOf(response));
      expect(found?.customerId).not.toBe(foreign);
    } else {
      expect(response.status).toBe(400);
    }
  });

  test("signs in with the right password only, and is signed out everywhere at once", async () => {
    const { email } = await aShopper();
    const wrong = await post(world.deps.shopAuth, `${SHOP}/v1/auth/sign-in/email`, {
      email,
      password: "wrong password",
    });
    expect(wrong.status).toBe(401);
    const right = await post(world.deps.shopAuth, `${SHOP}/v1/auth/sign-in/email`, { email, password });
    const token = await tokenOf(right);
    const out = await post(world.deps.shopAuth, `${SHOP}/v1/auth/sign-out`, {}, { cookie: cookieOf(right) });
    expect(out.status).toBe(200);
    expect(await world.redis.get(SESSION_KEY_PREFIX + token)).toBeNull();
    expect(await findSession(world.deps, token)).toBeNull();
  });

  test("stays signed in when Redis has lost everything", async () => {
    const { token, actor } = await aShopper();
    await world.redis.del(SESSION_KEY_PREFIX + token);
    expect(await findSession(world.deps, token)).toMatchObject({ customerId: actor.customerId });
    expect(await world.redis.get(SESSION_KEY_PREFIX + token)).toContain(actor.customerId);
  });

  test("gets a short-lived JWT that the published keys verify", async () => {
    const { cookie, actor } = await aShopper();
    const headers = { cookie, "x-stoa-client-ip": "203.0.113.7" };
    const answer = await world.deps.shopAuth.handler(new Request(`${SHOP}/v1/auth/token`, { headers }));
    const token = await tokenOf(answer);
    const published = await world.deps.shopAuth.handler(new Request(`${SHOP}/v1/auth/jwks`));
    const keys = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) }).parse(await published.json());
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), { issuer: SHOP, audience: "stoa-storefront" });
    expect(payload.customerId).toBe(actor.customerId);
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
  });

  test("is refused from a stranger's page", async () => {
    const { cookie } = await aShopper();
    const headers = { cookie, origin: "https://evil.example" };
    const response = await post(world.deps.shopAuth, `${SHOP}/v1/auth/sign-out`, {}, headers);
    expect(response.status).toBe(403);
  });

  test("changes the profile, and what was not named stays", async () => {
    const { actor } = await aShopper();
    await updateProfile(world.deps, actor, { phone: "+49 30 1" });
    expect(await updateProfile(world.deps, actor, { name: "Ada L." })).toMatchObject({
      name: "Ada L.",
      phone: "+49 30 1",
    });
  });
});

describe("a link in a mail", () => {
  const lastTo = (userId: string) => world.mails.findLast((mail) => mail.userId === userId);

  test("shows that the address of a new account is its owner's", async () => {
    const { token, actor } = await aShopper();
    const mail = lastTo(actor.userId);
    expect(mail).toMatchObject({ kind: "verify_email", customerId: actor.customerId });
    expect((await findSession(world.deps, token))?.emailVerified).toBe(false);
    expect(mail?.url).toStartWith(`${SHOP}/v1/auth/verify-email?token=`);
    const answer = await world.deps.shopAuth.handler(new Request(mail?.url ?? ""));
    expect(answer.status).toBeLessThan(400);
    const [row] = await world.deps.db.select().from(user).where(eq(user.id, actor.userId));
    expect(row?.emailVerified).toBe(true);
  });

  test("chooses a new password once, and ends every session of the account", async () => {
    const { email, token, actor } = await aShopper();
    const ask = await post(world.deps.shopAuth, `${SHOP}/v1/auth/request-password-reset`, { email }, anotherClient());
    expect(ask.status).toBe(200);
    const mail = lastTo(actor.userId);
    expect(mail?.kind).toBe("reset_password");
    const choose = (newPassword: string) =>
      post(world.deps.shopAuth, `${SHOP}/v1/auth/reset-password`, { newPassword, token: mail?.token });
    expect((await choose("another password")).status).toBe(200);
    expect((await choose("a third password")).status).toBe(400);
    expect(await findSession(world.deps, token)).toBeNull();
    const signIn = (secret: string) =>
      post(world.deps.shopAuth, `${SHOP}/v1/auth/sign-in/email`, { email, password: secret });
    expect((await signIn(password)).status).toBe(401);
    expect((await signIn("another password")).status).toBe(200);
  });

  test("is sent to nobody for an address without an account, and the answer does not tell", async () => {
    const { email } = await aShopper();
    const before = world.mails.length;
    const ask = (address: string) =>
      post(world.deps.shopAuth, `${SHOP}/v1/auth/request-password-reset`, { email: address }, anotherClient());
    const [known, unknown] = [await ask(email), await ask("nobody@example.com")];
    expect([unknown.status, await unknown.json()]).toEqual([known.status, await known.json()]);
    expect(world.mails.length - before).toBe(1);
  });
});

let clients = 0;
/** Rate limits of other tests' clients do not count for this one. */
function anotherClient(): Record<string, string> {
  clients += 1;
  return { "x-stoa-client-ip": `198.51.100.${clients}` };
}

describe("an address book", () => {
  const home = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };

  test("has one default of each kind, however it is changed", async () => {
    const { actor } = await aShopper();
    await createAddress(world.deps, actor, { address: home, isDefaultShipping: true });
    const second = await createAddress(world.deps, actor, { address: home, isDefaultShipping: true });
    await updateAddress(world.deps, actor, { id: second.id, patch: { address: { city: "Bonn", line2: undefined } } });
    const book = await listAddresses(world.deps, actor);
    expect(book.map((entry) => entry.isDefaultShipping)).toEqual([false, true]);
    expect(book[1]).toMatchObject({ city: "Bonn", line1: "Main St 1" });
  });

  test("takes nothing in for who was erased, although a token of theirs is still good", async () => {
    const { actor } = await aShopper();
    const { id } = await createAddress(world.deps, actor, { address: home });
    await transact(world.deps.db, (tx) => eraseCustomer(tx, systemClock.now(), actor));
    const gone = { code: "not_found" };
    await expect(createAddress(world.deps, actor, { address: home })).rejects.toMatchObject(gone);
    await expect(updateAddress(world.deps, actor, { id, patch: {} })).rejects.toMatchObject(gone);
    expect(await listAddresses(world.deps, actor)).toEqual([]);
  });

  test("belongs to its customer alone", async () => {
    const { actor } = await aShopper();
    const other = await aShopper();
    const { id } = await createAddress(world.deps, actor, { address: home });
    await expect(updateAddress(world.deps, other.actor, { id, patch: {} })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(deleteAddress(world.deps, other.actor, id)).rejects.toMatchObject({ code: "not_found" });
    expect(await listAddresses(world.deps, other.actor)).toEqual([]);
  });
});

describe("staff", () => {
  const admin = { kind: "system", name: "test" } as const;
  const aStaffMember = async (roles: string[]) => {
    const email = `${crypto.randomUUID()}@example.com`;
    await addStaff(world.deps, { name: "Sam", email, password, roles }, admin);
    const response = await post(world.deps.staffAuth, `${ADMIN}/auth/sign-in/email`, { email, password });
    expect(response.status).toBe(200);
    return { email, headers: new Headers({ cookie: cookieOf(response) }) };
  };

  test("sign in at their own door and hold the rights of their roles", async () => {
    const { headers } = await aStaffMember(["warehouse", "support"]);
    const member = await findStaff(world.deps, headers);
    expect(member?.rights.has("inventory:write")).toBe(true);
    expect(member?.rights.has("orders:write")).toBe(true);
    expect(member?.rights.has("staff:write")).toBe(false);
  });

  test("cannot register themselves, and a shopper's session opens nothing", async () => {
    const body = { email: `${crypto.randomUUID()}@example.com`, password, name: "Eve" };
    expect((await post(world.deps.staffAuth, `${ADMIN}/auth/sign-up/email`, body)).status).toBe(400);
    const { cookie } = await aShopper();
    expect(await findStaff(world.deps, new Headers({ cookie }))).toBeNull();
    const disguised = cookie.replaceAll("stoa.", "stoa-staff.");
    expect(await findStaff(world.deps, new Headers({ cookie: disguised }))).toBeNull();
  });

  test("a signed-in person who is no staff member gets nothing", async () => {
    const { email } = await aShopper();
    const response = await post(world.deps.staffAuth, `${ADMIN}/auth/sign-in/email`, { email, password });
    expect(await findStaff(world.deps, new Headers({ cookie: cookieOf(response) }))).toBeNull();
  });

  test("are added once, with roles that exist", async () => {
    const { email } = await aStaffMember(["owner"]);
    const again = addStaff(world.deps, { name: "Sam", email, password, roles: ["owner"] }, admin);
    await expect(again).rejects.toMatchObject({ code: "state_conflict" });
    const strange = { name: "Sam", email: `${crypto.randomUUID()}@example.com`, password, roles: ["emperor"] };
    await expect(addStaff(world.deps, strange, admin)).rejects.toMatchObject({ code: "validation_failed" });
  });
});

describe("a customer's own fields", () => {
  const byShopper = { entity: "customer", visibility: "shoppers", isShopperEditable: true };
  const vat = { ...byShopper, key: "vat", kind: "text", pattern: "[A-Z]{2}\\d{2,12}" };
  const fields = [
    vat,
    { entity: "customer", key: "tier", kind: "text", visibility: "shoppers", defaultValue: "basic" },
    { entity: "customer", key: "risk", kind: "integer" },
  ];
  const staff = (...rights: Right[]) => {
    const who = { staffId: newId("stf"), userId: "u", name: "Sam", email: "sam@example.com", roles: [] };
    const actor: StaffActor = { kind: "staff", ...who, rights: new Set(rights) };
    const context = { actor, requestId: "r", traceparent: null, idempotencyKey: null, clock: systemClock };
    return createCustomerFieldsRouter({ ...world.deps, findTargets: noTargets }).createCaller(context);
  };
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => "done",
      (error: { code?: string; cause?: { code: string } }) => error.cause?.code ?? error.code,
    );

  test("are theirs to say where the shop lets them, and show nothing of what is for staff", async () => {
    await defineFields(world.deps.db, fields);
    const { actor } = await aShopper();
    const { customerId } = actor;
    await staff("customers:write").save({ customerId, values: { risk: 3 } });
    const profile = await updateProfile(world.deps, actor, { name: "Ada L", customFields: { vat: "DE123" } });
    expect(profile).toMatchObject({ name: "Ada L", customFields: { vat: "DE123", tier: "basic" } });
    expect((await readProfile(world.deps, actor)).customFields).toEqual({ vat: "DE123", tier: "basic" });
    for (const customFields of [{ vat: "123" }, { risk: 1 }, { tier: "gold" }, { nope: 1 }]) {
      const refused = updateProfile(world.deps, actor, { name: "Eve", customFields });
      expect([customFields, await codeOf(refused)]).toEqual([customFields, "validation_failed"]);
    }
    expect(await readProfile(world.deps, actor)).toMatchObject({ name: "Ada L" });
    expect(await staff("customers:read").get({ customerId })).toEqual({ vat: "DE123", risk: 3 });
    expect(await Array.fromAsync(heldByCustomers(world.deps.db, "risk"))).toEqual([
      { id: customerId, name: actor.email, value: 3 },
    ]);
    expect(await codeOf(staff("customers:read").save({ customerId, values: {} }))).toBe("forbidden");
    expect(await codeOf(staff("customers:read").get({ customerId: newId("cus") }))).toBe("not_found");
  });

  test("that are required of customers are asked for when they say any of them", async () => {
    await defineFields(world.deps.db, [
      { ...vat, isRequired: true },
      { ...byShopper, key: "born", kind: "date" },
    ]);
    const { actor } = await aShopper();
    expect(await codeOf(updateProfile(world.deps, actor, { name: "Ada" }))).toBe("done");
    const customFields = { born: "1990-01-31" };
    expect(await codeOf(updateProfile(world.deps, actor, { customFields }))).toBe("validation_failed");
    expect(await codeOf(updateProfile(world.deps, actor, { customFields: { ...customFields, vat: "DE12" } }))).toBe(
      "done",
    );
  });
});
