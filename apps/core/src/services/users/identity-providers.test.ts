import { afterAll, beforeAll, expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { googleOptions } from "./identity-providers.ts";
import { account, customer, user } from "./tables.ts";
import { atShop, type Browser, bothDoors, type Doors, PASSWORD, refusalIn, SHOP } from "./testing/doors.ts";
import { anIssuer, CLIENT, type Person } from "./testing/oidc-issuer.ts";

let issuer: Awaited<ReturnType<typeof anIssuer>>;
let doors: Doors;
beforeAll(async () => {
  issuer = await anIssuer(`${SHOP}/v1/auth/callback/oidc`);
  doors = await bothDoors({ identityProviders: { google: null, oidc: { ...CLIENT, issuer: issuer.url } } });
});
afterAll(async () => {
  await doors[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

/** Stands before an issuer: passes on what is asked, or says nothing until `held` is called. `met` is when somebody first came. */
function aRelay(target: () => string | null, held: (() => void)[]) {
  const { promise: met, resolve: meet } = Promise.withResolvers<void>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      const url = target();
      if (url !== null) return fetch(url + new URL(request.url).pathname);
      const { promise, resolve } = Promise.withResolvers<Response>();
      held.push(() => resolve(new Response(null, { status: 502 })));
      meet();
      return promise;
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, met, [Symbol.asyncDispose]: () => server.stop(true) };
}

const newEmail = () => `${crypto.randomUUID()}@example.com`;

async function begin(browser: Browser): Promise<URL> {
  const answer = await browser.post("/sign-in/social", { provider: "oidc", callbackURL: "/welcome" });
  expect(answer.status).toBe(200);
  return new URL(z.object({ url: z.string() }).parse(await answer.json()).url);
}

/** Goes to the provider and comes back; answers where the shop sends the browser then. */
async function signInBy(browser: Browser, person: Person, id: string = crypto.randomUUID()): Promise<string> {
  const back = await issuer.visit((await begin(browser)).href, id, person);
  return (await browser.send("GET", back)).headers.get("location") ?? "";
}

async function whoIs(browser: Browser) {
  const schema = z.object({ user: z.object({ email: z.string(), emailVerified: z.boolean() }) }).nullable();
  return schema.parse(await (await browser.send("GET", "/get-session")).json())?.user ?? null;
}

const personOf = async (email: string) => (await doors.deps.db.select().from(user).where(eq(user.email, email)))[0];

test("whoever comes from the provider for the first time is a customer, and the same one the next time", async () => {
  const [email, id] = [newEmail(), crypto.randomUUID()];
  const browser = atShop(doors);
  expect(await signInBy(browser, { email, emailVerified: true }, id)).toBe("/welcome");
  expect(await whoIs(browser)).toEqual({ email, emailVerified: true });
  const person = await personOf(email);
  const customers = await doors.deps.db.select().from(customer).where(eq(customer.email, email));
  expect(customers.map((one) => one.id as string)).toEqual([person?.customerId ?? ""]);
  const later = atShop(doors);
  await signInBy(later, { email: "new.address@example.com", emailVerified: true }, id);
  expect((await whoIs(later))?.email).toBe(email);
});

test("an account is joined by an address that both sides have confirmed", async () => {
  const email = newEmail();
  await atShop(doors).post("/sign-up/email", { email, password: PASSWORD, name: "Ada" });
  await atShop(doors).send("GET", doors.mails.at(-1)?.url ?? "");
  const before = await personOf(email);
  const browser = atShop(doors);
  expect(await signInBy(browser, { email, emailVerified: true })).toBe("/welcome");
  const accounts = await doors.deps.db
    .select()
    .from(account)
    .where(eq(account.userId, before?.id ?? ""));
  expect(accounts.map((one) => one.providerId).sort()).toEqual(["credential", "oidc"]);
  expect(accounts.find((one) => one.providerId === "oidc")?.accessToken).not.toMatch(/^ey/);
});

test("an address that the provider does not vouch for joins nothing", async () => {
  const email = newEmail();
  await atShop(doors).post("/sign-up/email", { email, password: PASSWORD, name: "Ada" });
  await atShop(doors).send("GET", doors.mails.at(-1)?.url ?? "");
  const browser = atShop(doors);
  expect(await signInBy(browser, { email, emailVerified: false })).toBe("/welcome?error=account_not_linked");
  expect(await whoIs(browser)).toBeNull();
});

test("an account whose address was never confirmed here is not joined: somebody else may have made it", async () => {
  const email = newEmail();
  await atShop(doors).post("/sign-up/email", { email, password: PASSWORD, name: "Eve" });
  const browser = atShop(doors);
  expect(await signInBy(browser, { email, emailVerified: true })).toBe("/welcome?error=account_not_linked");
  expect(await whoIs(browser)).toBeNull();
});

test("who proves an address by its mail keeps out whoever has made an account of it", async () => {
  const [email, id] = [newEmail(), crypto.randomUUID()];
  const eve = atShop(doors);
  await signInBy(eve, { email, emailVerified: false }, id);
  await atShop(doors).post("/request-password-reset", { email });
  const owner = atShop(doors);
  const token = doors.mails.at(-1)?.token;
  expect((await owner.post("/reset-password", { token, newPassword: PASSWORD })).status).toBe(200);
  expect(await signInBy(eve, { email, emailVerified: false }, id)).toBe("/welcome?error=account_not_linked");
  expect(await whoIs(eve)).toBeNull();
  expect((await owner.post("/sign-in/email", { email, password: PASSWORD })).status).toBe(200);
  expect(await whoIs(owner)).toEqual({ email, emailVerified: true });
});

test("where nobody is let in before the address is confirmed, a provider that does not vouch for it opens nothing", async () => {
  const oidc = { ...CLIENT, issuer: issuer.url };
  await using strict = await bothDoors({ identityProviders: { google: null, oidc }, confirmFirst: true });
  const [email, id] = [newEmail(), crypto.randomUUID()];
  const browser = atShop(strict);
  expect(await signInBy(browser, { email, emailVerified: false }, id)).toBe("/welcome?error=account_not_linked");
  expect(await whoIs(browser)).toBeNull();
  await browser.send("GET", strict.mails.at(-1)?.url ?? "");
  expect(await signInBy(browser, { email, emailVerified: false }, id)).toBe("/welcome");
  expect(await whoIs(browser)).toEqual({ email, emailVerified: true });
});

test("a way back that did not begin in this browser opens nothing", async () => {
  const back = await issuer.visit((await begin(atShop(doors))).href, crypto.randomUUID(), {
    email: newEmail(),
    emailVerified: true,
  });
  const other = atShop(doors);
  expect((await other.send("GET", back)).headers.get("location")).toBe("/welcome?error=state_mismatch");
  const unknown = await other.send("GET", "/callback/oidc?code=a&state=b");
  expect(unknown.headers.get("location")).toBe(`${SHOP}/?error=state_mismatch`);
  expect(await whoIs(other)).toBeNull();
});

test("the code flow is asked for with PKCE and a state, and nobody is sent to a strange page afterwards", async () => {
  const asked = (await begin(atShop(doors))).searchParams;
  expect([asked.get("response_type"), asked.get("code_challenge_method")]).toEqual(["code", "S256"]);
  expect((asked.get("state") ?? "").length).toBeGreaterThan(20);
  const strange = { provider: "oidc", callbackURL: "https://evil.example/" };
  expect((await atShop(doors).post("/sign-in/social", strange)).status).toBe(403);
});

test("those who share an address may all go to the provider", async () => {
  const browser = atShop(doors);
  for (let visit = 0; visit < 6; visit += 1) expect((await begin(browser)).href).toStartWith(issuer.url);
});

test("an issuer that does not answer keeps nobody from the door, and may come back", async () => {
  const held: (() => void)[] = [];
  const relay = { answers: false };
  await using server = aRelay(() => (relay.answers ? issuer.url : null), held);
  const oidc = { ...CLIENT, issuer: server.url };
  await using shop = await bothDoors({ identityProviders: { google: null, oidc } });
  const email = newEmail();
  const browser = atShop(shop);
  expect((await browser.post("/sign-up/email", { email, password: PASSWORD, name: "Ada" })).status).toBe(200);
  const asked = atShop(shop).post("/sign-in/social", { provider: "oidc", callbackURL: "/welcome" });
  await server.met;
  for (const hangUp of held) hangUp();
  const away = await asked;
  expect(away.headers.get("retry-after")).toBe("5");
  expect(await refusalIn(away)).toEqual([503, "PROVIDER_UNAVAILABLE"]);
  relay.answers = true;
  expect((await atShop(shop).post("/sign-in/social", { provider: "oidc", callbackURL: "/" })).status).toBe(200);
  expect(await refusalIn(await atShop(shop).post("/sign-in/social", { provider: "other", callbackURL: "/" }))).toEqual([
    404,
    "PROVIDER_NOT_FOUND",
  ]);
});

test("Google is offered where its client is named", async () => {
  expect(googleOptions({ google: null, oidc: null })).toEqual({});
  await using shop = await bothDoors({ identityProviders: { google: CLIENT, oidc: null } });
  const answer = await atShop(shop).post("/sign-in/social", { provider: "google", callbackURL: "/" });
  const { url } = z.object({ url: z.string() }).parse(await answer.json());
  expect(url).toStartWith("https://accounts.google.com/");
  expect(new URL(url).searchParams.get("redirect_uri")).toBe(`${SHOP}/v1/auth/callback/google`);
});
