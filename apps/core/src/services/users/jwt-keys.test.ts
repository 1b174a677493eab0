import { expect, setSystemTime, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { z } from "zod";
import { transact } from "../../platform/db/index.ts";
import { JWT_KEY_GRACE_SECONDS, JWT_KEY_LIFETIME_SECONDS, rotateJwtKeys } from "./rotate-jwt-keys.ts";
import { jwks } from "./tables.ts";
import { atShop, bothDoors, type Doors, PASSWORD, SHOP } from "./testing/doors.ts";

const keysSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })) });

async function aSession(doors: Doors) {
  const browser = atShop(doors);
  await browser.post("/sign-up/email", {
    email: `${crypto.randomUUID()}@example.com`,
    password: PASSWORD,
    name: "Ada",
  });
  const publish = async () => keysSchema.parse(await (await browser.send("GET", "/jwks")).json());
  return {
    publish,
    token: async () => z.object({ token: z.string() }).parse(await (await browser.send("GET", "/token")).json()).token,
    verify: async (token: string) =>
      jwtVerify(token, createLocalJWKSet(await publish()), { issuer: SHOP, audience: "stoa-storefront" }),
  };
}

const kidOf = (token: string) => decodeProtectedHeader(token).kid;

test("a key that is ended signs no more, and what it has signed is good until it ends", async () => {
  await using doors = await bothDoors();
  const { token, verify, publish } = await aSession(doors);
  const old = await token();
  expect(decodeProtectedHeader(old).alg).toBe("EdDSA");
  expect(await transact(doors.deps.db, (tx) => rotateJwtKeys({ tx, now: doors.deps.clock.now() }))).toBe(1);
  const fresh = await token();
  expect(kidOf(fresh)).not.toBe(kidOf(old));
  for (const one of [old, fresh]) expect((await verify(one)).payload.iss).toBe(SHOP);
  expect((await publish()).keys.length).toBe(2);
});

test("a key that has ended is published until the last token it signed is over, and not for ever", async () => {
  await using doors = await bothDoors();
  const { token, publish } = await aSession(doors);
  const old = kidOf(await token());
  const kids = async () => (await publish()).keys.map((key) => key.kid);
  const endedAt = Date.now() - (JWT_KEY_GRACE_SECONDS - 60) * 1_000;
  await transact(doors.deps.db, (tx) => rotateJwtKeys({ tx, now: endedAt as Instant }));
  expect(JWT_KEY_GRACE_SECONDS).toBeGreaterThan(5 * 60);
  expect(await kids()).toContain(old ?? "");
  await token();
  try {
    setSystemTime(new Date(Date.now() + 120_000));
    expect(await kids()).not.toContain(old ?? "");
  } finally {
    setSystemTime();
  }
});

test("a key is made with its end", async () => {
  await using doors = await bothDoors();
  const { token } = await aSession(doors);
  await token();
  const [key] = await doors.deps.db.select().from(jwks);
  const lifeMs = (key?.expiresAt?.getTime() ?? 0) - (key?.createdAt.getTime() ?? 0);
  expect(Math.round(lifeMs / 60_000)).toBe(JWT_KEY_LIFETIME_SECONDS / 60);
});
