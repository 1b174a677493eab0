import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { SESSION_KEY_PREFIX } from "@stoa/read-models";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { findSession } from "./find-session.ts";
import { customer, user } from "./tables.ts";
import {
  aMember,
  atDashboard,
  atShop,
  type Browser,
  bothDoors,
  type Doors,
  PASSWORD,
  refusalIn,
  totpOf,
} from "./testing/doors.ts";

let doors: Doors;
beforeAll(async () => {
  doors = await bothDoors();
});
afterAll(() => doors[Symbol.asyncDispose]());

const signedUpSchema = z.object({ token: z.string().nullable(), user: z.looseObject({ id: z.string() }) });
const newEmail = () => `${crypto.randomUUID()}@example.com`;

async function aShopper() {
  const email = newEmail();
  const browser = atShop(doors);
  const answer = await browser.post("/sign-up/email", { email, password: PASSWORD, name: "Ada" });
  expect(answer.status).toBe(200);
  const { token, user: person } = signedUpSchema.parse(await answer.json());
  return { email, browser, token: token ?? "", userId: person.id };
}

const enter = (browser: Browser, email: string, password = PASSWORD) =>
  browser.post("/sign-in/email", { email, password }).then((answer) => answer.status);
const tooMany = [429, "TOO_MANY_TRIES"];

/** Tries from as many addresses as there are tens of them; what is too long for a password costs no hash, and counts all the same. */
async function strangersTry(email: string, times: number): Promise<void> {
  for (let tried = 0; tried < times; tried += 10) {
    const stranger = atShop(doors);
    for (let one = 0; one < 10; one += 1) await enter(stranger, email, "x".repeat(200));
  }
}

describe("whoever guesses passwords", () => {
  test("has ten tries for an account from one address, and is told when to come again", async () => {
    const { email } = await aShopper();
    const stranger = atShop(doors);
    for (let tried = 0; tried < 10; tried += 1) expect(await enter(stranger, email, "wrong password")).toBe(401);
    const answer = await stranger.post("/sign-in/email", { email, password: PASSWORD });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refusalIn(answer)).toEqual(tooMany as [number, string]);
    expect(await enter(stranger, email)).toBe(429);
    const [first, second] = doors.throttled.slice(-2);
    expect([first, second]).toMatchObject([
      { door: "shop", limit: "address", isFirst: true },
      { door: "shop", limit: "address", isFirst: false },
    ]);
    expect(await enter(atShop(doors), email)).toBe(200);
  });

  test("is counted before the password is looked at, so many tries at once are no way round it", async () => {
    const { email } = await aShopper();
    const stranger = atShop(doors);
    const statuses = await Promise.all(Array.from({ length: 15 }, () => enter(stranger, email, "wrong password")));
    expect(statuses.filter((status) => status === 401).length).toBe(10);
    expect(statuses.filter((status) => status === 429).length).toBe(5);
  });

  test("has no more tries once they have taken over a session, wherever the password is asked for again", async () => {
    for (const [path, member] of [
      ["/change-password", "currentPassword"],
      ["/two-factor/enable", "password"],
    ] as const) {
      const { email, browser } = await aShopper();
      const guess = (password: string) => browser.post(path, { [member]: password, newPassword: "another password" });
      // The rest of the ten, by the door itself: its limit by address is lower at some of these.
      expect((await guess("x".repeat(200))).status).toBe(400);
      for (let tried = 1; tried < 10; tried += 1) await enter(browser, email, "x".repeat(200));
      expect(await refusalIn(await guess(PASSWORD))).toEqual(tooMany as [number, string]);
    }
  });

  test("finds accounts that are none treated alike", async () => {
    const stranger = atShop(doors);
    const email = newEmail();
    for (let tried = 0; tried < 10; tried += 1) expect(await enter(stranger, email)).toBe(401);
    expect(await enter(stranger, email)).toBe(429);
  });

  test("costs the shop the same work for an account as for none", async () => {
    const { email } = await aShopper();
    const { password } = await doors.deps.shopAuth.$context;
    const hashed = spyOn(password, "hash");
    const verified = spyOn(password, "verify");
    const workFor = async (address: string) => {
      const before = hashed.mock.calls.length + verified.mock.calls.length;
      expect(
        await refusalIn(await atShop(doors).post("/sign-in/email", { email: address, password: "wrong password" })),
      ).toEqual([401, "INVALID_EMAIL_OR_PASSWORD"]);
      return hashed.mock.calls.length + verified.mock.calls.length - before;
    };
    expect([await workFor(email), await workFor(newEmail())]).toEqual([1, 1]);
    hashed.mockRestore();
    verified.mockRestore();
  });
});

describe("the owner of an account that strangers try", () => {
  test("still gets in from a device that was used before; other devices wait", async () => {
    const { email } = await aShopper();
    const device = atShop(doors);
    expect(await enter(device, email)).toBe(200);
    await strangersTry(email, 50);
    expect(await enter(atShop(doors), email)).toBe(429);
    expect(await enter(device, email)).toBe(200);
  });

  test("opens the door to every device by a new password", async () => {
    const { email, userId } = await aShopper();
    await strangersTry(email, 50);
    const device = atShop(doors);
    expect(await enter(device, email)).toBe(429);
    await device.post("/request-password-reset", { email });
    const { token } = doors.mails.findLast((mail) => mail.userId === userId && mail.kind === "reset_password") ?? {};
    expect((await device.post("/reset-password", { newPassword: "another password", token })).status).toBe(200);
    expect(await enter(device, email, "another password")).toBe(200);
  });
});

test("a new password ends the sessions of both doors at once", async () => {
  const { credentials, email } = await aMember(doors);
  const [person] = await doors.deps.db.select().from(user).where(eq(user.email, email));
  const [shop, dashboard] = [atShop(doors), atDashboard(doors)];
  await shop.post("/sign-in/email", credentials);
  await dashboard.post("/sign-in/email", credentials);
  await shop.post("/request-password-reset", { email });
  const { token } = doors.mails.findLast((mail) => mail.userId === person?.id) ?? {};
  await atShop(doors).post("/reset-password", { newPassword: "another password", token });
  for (const browser of [shop, dashboard]) expect(await (await browser.send("GET", "/get-session")).json()).toBeNull();
});

test("a second factor set up before the address was confirmed does not keep its owner out", async () => {
  const { email, browser, userId } = await aShopper();
  const enrolled = z.object({ totpURI: z.string() });
  const { totpURI } = enrolled.parse(await (await browser.post("/two-factor/enable", { password: PASSWORD })).json());
  expect((await browser.post("/two-factor/verify-totp", { code: totpOf(totpURI) })).status).toBe(200);
  const owner = atShop(doors);
  await owner.post("/request-password-reset", { email });
  const { token } = doors.mails.findLast((mail) => mail.userId === userId) ?? {};
  expect((await owner.post("/reset-password", { newPassword: "another password", token })).status).toBe(200);
  expect(await enter(owner, email, "another password")).toBe(200);
  const session = z.object({ user: z.object({ email: z.string(), emailVerified: z.boolean() }) });
  const found = session.parse(await (await owner.send("GET", "/get-session")).json());
  expect(found.user).toEqual({ email, emailVerified: true });
});

test("staff who sign in at the shop are customers from then on, the same ones the next time", async () => {
  const { credentials, email } = await aMember(doors);
  const visit = async () => {
    const answer = await atShop(doors).post("/sign-in/email", credentials);
    return findSession(doors.deps, signedUpSchema.parse(await answer.json()).token ?? "");
  };
  const first = await visit();
  expect(first?.customerId).toStartWith("cus_");
  expect((await visit())?.customerId).toBe(first?.customerId);
  const rows = await doors.deps.db.select().from(customer).where(eq(customer.email, email));
  expect(rows.map((row) => row.name)).toEqual(["Sam"]);
});

test("whoever signs out everywhere is out on every device, and no token is given for what is over", async () => {
  const { email, browser, token } = await aShopper();
  const other = atShop(doors);
  expect(await enter(other, email)).toBe(200);
  expect((await browser.post("/revoke-sessions")).status).toBe(200);
  expect(await findSession(doors.deps, token)).toBeNull();
  expect(await doors.deps.redis.get(SESSION_KEY_PREFIX + token)).toBeNull();
  for (const device of [browser, other]) expect((await device.send("GET", "/token")).status).toBe(401);
});

test("a link that confirms an address is good for one use", async () => {
  const { userId } = await aShopper();
  const { url = "" } = doors.mails.findLast((mail) => mail.userId === userId && mail.kind === "verify_email") ?? {};
  expect((await atShop(doors).send("GET", url)).status).toBe(302);
  const [person] = await doors.deps.db.select().from(user).where(eq(user.id, userId));
  expect(person?.emailVerified).toBe(true);
  const again = await atShop(doors).send("GET", url);
  expect([again.status, again.headers.get("location")]).toEqual([302, "/?error=INVALID_TOKEN"]);
  const elsewhere = url.replace(/callbackURL=.*/, "callbackURL=https%3A%2F%2Fevil.example%2F");
  for (const bare of [elsewhere, url.replace(/&callbackURL=.*/, "")])
    expect(await refusalIn(await atShop(doors).send("GET", bare))).toEqual([401, "INVALID_TOKEN"]);
});

test("a link is good for an hour, and not for another address", async () => {
  const { userId, browser, email } = await aShopper();
  await browser.post("/send-verification-email", { email });
  const { token = "" } = doors.mails.findLast((mail) => mail.userId === userId && mail.kind === "verify_email") ?? {};
  const { exp, iat } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  expect(exp - iat).toBe(3_600);
  const forged = `${token.slice(0, -4)}AAAA`;
  expect((await atShop(doors).send("GET", `/verify-email?token=${forged}`)).status).toBe(401);
});

describe("a shop in which addresses are confirmed first", () => {
  test("does not tell by any answer whether there is an account", async () => {
    await using strict = await bothDoors({ confirmFirst: true });
    const known = newEmail();
    const signUp = async (email: string, password: string) => {
      const answer = await atShop(strict).post("/sign-up/email", { email, password, name: "Ada" });
      const { token, user: person } = signedUpSchema.parse(await answer.json());
      return [answer.status, token, Object.keys(person).sort()];
    };
    const first = await signUp(known, PASSWORD);
    expect(first.slice(0, 2)).toEqual([200, null]);
    expect(await signUp(known, "a stranger's word")).toEqual(first);
    const enterWith = async (email: string, password: string) =>
      refusalIn(await atShop(strict).post("/sign-in/email", { email, password }));
    const unknown = newEmail();
    await signUp(unknown, "a stranger's word");
    expect(await enterWith(unknown, "a stranger's word")).toEqual(await enterWith(known, "a stranger's word"));
    expect(strict.mails.map((mail) => mail.kind)).toEqual(["verify_email", "verify_email"]);
  });

  test("lets people in once they have", async () => {
    await using strict = await bothDoors({ confirmFirst: true });
    const email = newEmail();
    await atShop(strict).post("/sign-up/email", { email, password: PASSWORD, name: "Ada" });
    await atShop(strict).send("GET", strict.mails[0]?.url ?? "");
    expect((await atShop(strict).post("/sign-in/email", { email, password: PASSWORD })).status).toBe(200);
  });
});
