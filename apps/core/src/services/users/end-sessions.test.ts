import { afterAll, beforeAll, expect, test } from "bun:test";
import { SESSION_KEY_PREFIX } from "@stoa/read-models";
import type { Redis } from "ioredis";
import { transact } from "../../platform/db/index.ts";
import { endSessions, forgetSessions } from "./end-sessions.ts";
import { findSession } from "./find-session.ts";
import { bothDoors, type Doors, SHOP } from "./testing/doors.ts";
import { aShopper, post } from "./testing/shoppers.ts";
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

const isKnown = async ({ token }: Shopper) => (await doors.deps.redis.exists(SESSION_KEY_PREFIX + token)) === 1;

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
