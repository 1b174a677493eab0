import { afterAll, beforeAll, expect, test } from "bun:test";
import { SESSION_KEY_PREFIX } from "@stoa/read-models";
import type { Redis } from "ioredis";
import { transact } from "../../platform/db/index.ts";
import { endSessions, forgetSessions } from "./end-sessions.ts";
import { findSession } from "./find-session.ts";
import { aMember, atDashboard, atShop, bothDoors, type Doors, PASSWORD, SHOP } from "./testing/doors.ts";
import { aShopper, post, tokenOf } from "./testing/shoppers.ts";
import { updateProfile } from "./update-profile.ts";

let doors: Doors;
beforeAll(async () => {
  doors = await bothDoors();
});
afterAll(() => doors[Symbol.asyncDispose]());

type Shopper = Awaited<ReturnType<typeof aShopper>>;

async function endAllOf({ actor }: Shopper): Promise<void> {
  const { db, redis } = doors.deps;
  await forgetSessions(redis, await transact(db, (tx) => endSessions(tx, actor.userId)));
}

/** Edge believes the copy. */
const isKnown = async ({ token }: Pick<Shopper, "token">) =>
  (await doors.deps.redis.exists(SESSION_KEY_PREFIX + token)) === 1;

/** A Redis that does something else first when it is first asked for one of these. */
function interrupted(names: readonly string[], first: () => Promise<void>): Redis {
  let isDone = false;
  return new Proxy(doors.deps.redis, {
    get(redis, name) {
      const asked = Reflect.get(redis, name);
      if (typeof asked !== "function") return asked;
      return async (...args: unknown[]) => {
        if (names.includes(String(name)) && !isDone) {
          isDone = true;
          await first();
        }
        return asked.apply(redis, args);
      };
    },
  });
}

test("a session that ends while its copy is being written again is not brought back", async () => {
  const shopper = await aShopper(doors);
  await doors.deps.redis.del(SESSION_KEY_PREFIX + shopper.token);
  const redis = interrupted(["set", "eval"], () => endAllOf(shopper));
  await findSession({ ...doors.deps, redis }, shopper.token);
  expect(await isKnown(shopper)).toBe(false);
  expect(await findSession(doors.deps, shopper.token)).toBeNull();
});

test("nor by a change of the name that goes into every copy", async () => {
  const shopper = await aShopper(doors);
  const { shopAuth } = doors.deps;
  const context = await shopAuth.$context;
  const refreshing = {
    ...context.internalAdapter,
    async refreshUserSessions(person: Parameters<typeof context.internalAdapter.refreshUserSessions>[0]) {
      const { secondaryStorage } = context;
      const copy = await secondaryStorage?.get(shopper.token);
      await endAllOf(shopper);
      // As better-auth does, with what it has read before.
      await secondaryStorage?.set(shopper.token, JSON.stringify({ ...JSON.parse(String(copy)), user: person }), 1_000);
    },
  };
  const auth = { ...shopAuth, $context: Promise.resolve({ ...context, internalAdapter: refreshing }) } as never;
  await updateProfile({ ...doors.deps, shopAuth: auth }, shopper.actor, { name: "Ada L." });
  expect(await isKnown(shopper)).toBe(false);
});

test("a session that is ended by its owner stays ended, too", async () => {
  const shopper = await aShopper(doors);
  const copy = await doors.deps.redis.get(SESSION_KEY_PREFIX + shopper.token);
  const { secondaryStorage } = await doors.deps.shopAuth.$context;
  expect((await post(doors.deps.shopAuth, `${SHOP}/v1/auth/sign-out`, {}, { cookie: shopper.cookie })).status).toBe(
    200,
  );
  await secondaryStorage?.set(shopper.token, String(copy), 1_000);
  expect(await isKnown(shopper)).toBe(false);
});

test("a new password ends every session but the one in which it was chosen", async () => {
  const shopper = await aShopper(doors);
  const { email, cookie, token } = shopper;
  const stolen = await tokenOf(await atShop(doors).post("/sign-in/email", { email, password: PASSWORD }));
  const choose = (currentPassword: string) => {
    const passwords = { currentPassword, newPassword: "another password" };
    return post(doors.deps.shopAuth, `${SHOP}/v1/auth/change-password`, passwords, { cookie });
  };
  expect((await choose("wrong password")).status).toBe(400);
  expect(await isKnown({ token: stolen })).toBe(true);
  expect((await choose(PASSWORD)).status).toBe(200);
  expect([await isKnown({ token: stolen }), await isKnown(shopper)]).toEqual([false, true]);
  expect(await findSession(doors.deps, stolen)).toBeNull();
  expect(await findSession(doors.deps, token)).not.toBeNull();
});

test("whoever ends their sessions at the dashboard is out at the shop, too", async () => {
  for (const path of ["/revoke-sessions", "/revoke-other-sessions", "/change-password"]) {
    const { credentials } = await aMember(doors);
    const token = await tokenOf(await atShop(doors).post("/sign-in/email", credentials));
    expect(await isKnown({ token })).toBe(true);
    const dashboard = atDashboard(doors);
    await dashboard.post("/sign-in/email", credentials);
    const passwords = { currentPassword: PASSWORD, newPassword: "another password", revokeOtherSessions: true };
    expect((await dashboard.post(path, passwords)).status).toBe(200);
    expect([path, await isKnown({ token })]).toEqual([path, false]);
    expect(await findSession(doors.deps, token)).toBeNull();
  }
});
