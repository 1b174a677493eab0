import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Instant, newId } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { eq } from "drizzle-orm";
import { verifyAuditChain } from "../../platform/audit/index.ts";
import { transact } from "../../platform/db/index.ts";
import { onOutboxCommit } from "../../platform/outbox/index.ts";
import { type Right, refusalOf, rights, type StaffActor } from "../../platform/rpc/index.ts";
import { channelsSetting, writeSetting } from "../../platform/settings/index.ts";
import { auditLog } from "../../platform/tables.ts";
import { movableClock, testDatabase, testRedis } from "../../testing/index.ts";
import { freshKey, keyScopes, staffIdOf } from "./api-key.ts";
import { createStorefrontOrigins, findMachine, readKeyRing } from "./api-keys.ts";
import { createApiKeysRouter } from "./api-keys-router.ts";
import { noteKeyUses } from "./note-key-uses.ts";
import { apiKey } from "./tables.ts";

const clock = movableClock();
let database: Awaited<ReturnType<typeof testDatabase>>;
let cache: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  [database, cache] = await Promise.all([testDatabase(), testRedis()]);
});
afterAll(async () => {
  onOutboxCommit(() => undefined);
  await cache[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

function staff(...held: readonly Right[]) {
  const staffId = newId("stf");
  const actor: StaffActor = {
    ...{ kind: "staff", staffId, userId: staffId, name: "Olivia", email: "olivia@example.com", roles: [] },
    rights: new Set(held),
  };
  const context = { actor, requestId: "request-1", traceparent: null, idempotencyKey: null, clock };
  return createApiKeysRouter({ db: database.db, clock }).createCaller(context);
}
const owner = () => staff(...rights);
const deps = () => ({ db: database.db, clock });
type Input = Parameters<ReturnType<typeof owner>["create"]>[0];
/** What the type does not allow, the parser has to refuse. */
const secret = (members: object = {}) =>
  ({ kind: "secret", name: "ERP", scopes: ["orders:read"], ...members }) as Input;

function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "none",
    (error) => refusalOf(error).code,
  );
}

test("a key is shown once: nothing that is stored, listed or audited gives it away", async () => {
  const made = await owner().create(secret());
  expect(made.key).toMatch(/^sk_[A-Za-z0-9_-]{43}$/);
  expect(made.key).toStartWith(made.prefix);
  const [row] = await database.db.select().from(apiKey).where(eq(apiKey.id, made.id));
  const entries = await database.db.select().from(auditLog).where(eq(auditLog.entityId, made.id));
  const listed = (await owner().list()).items.find((item) => item.id === made.id);
  expect(listed).toMatchObject({ name: "ERP", prefix: made.prefix, scopes: ["orders:read"], lastUsedAt: null });
  expect(listed).not.toHaveProperty("hash");
  expect(entries.map((entry) => entry.action)).toEqual(["api_key.created"]);
  const told = JSON.stringify([row, listed, entries]);
  expect(told).not.toContain(made.key.slice(made.prefix.length));
});

test("a machine is staff with the scopes of its key, and stands in the audit log under the key's own id", async () => {
  const { key, id } = await owner().create(secret({ scopes: ["orders:read", "inventory:write"] }));
  const machine = await findMachine(deps(), key);
  expect(machine).toMatchObject({ kind: "staff", name: "ERP (API key)", staffId: staffIdOf(id), apiKeyId: id });
  expect([...(machine?.rights ?? [])].sort()).toEqual(["inventory:write", "orders:read"]);
});

test("no key that was not made, is publishable, is over or was revoked opens anything", async () => {
  const expiresAt = new Date(clock.now() + 60_000).toISOString();
  const [short, gone, page] = await Promise.all([
    owner().create(secret({ expiresAt })),
    owner().create(secret()),
    owner().create({ kind: "publishable", name: "Outlet", origins: [] }),
  ]);
  expect(await findMachine(deps(), freshKey("secret", new Uint8Array(32)).key)).toBeNull();
  expect(await findMachine(deps(), "sk_short")).toBeNull();
  expect(await findMachine(deps(), page.key)).toBeNull();
  expect(await findMachine(deps(), short.key)).not.toBeNull();
  clock.advance(60_000);
  expect(await findMachine(deps(), short.key)).toBeNull();
  await owner().revoke({ id: gone.id });
  expect(await findMachine(deps(), gone.key)).toBeNull();
  expect(await refusal(owner().revoke({ id: gone.id }))).toBe("not_found");
  expect((await verifyAuditChain(database.db)).brokenAt).toBeNull();
});

test("keys are made by those who may change settings, with no more than they hold themselves", async () => {
  const input = secret();
  expect(await refusal(staff("settings:read").create(input))).toBe("forbidden");
  expect(await refusal(staff("settings:write").create(input))).toBe("forbidden");
  expect(await refusal(staff("settings:write", "orders:read").create(input))).toBe("none");
  expect(await refusal(staff("orders:read").list())).toBe("forbidden");
  for (const scope of ["settings:write", "staff:write", "staff:read", "everything"]) {
    expect(await refusal(owner().create(secret({ scopes: [scope] })))).toBe("validation_failed");
    expect(keyScopes).not.toContain(scope as Right);
  }
});

test("a key's end lies in the future, an origin is one, and neither kind takes what is the other's", async () => {
  const past = new Date(clock.now() - 1).toISOString();
  const wrong = [
    secret({ expiresAt: past }),
    secret({ scopes: [] }),
    secret({ origins: ["https://a.example"] }),
    secret({ ratePerMinute: 0 }),
    { kind: "publishable", name: "x", origins: ["javascript:alert(1)"] },
    { kind: "publishable", name: "x", scopes: ["orders:read"] },
  ];
  for (const input of wrong) expect(await refusal(owner().create(input as Input))).toBe("validation_failed");
});

test("a storefront's key leads to a channel of the shop, by itself to the default one", async () => {
  const page = { kind: "publishable" as const, name: "Trade" };
  expect(await refusal(owner().create({ ...page, channel: "trade" }))).toBe("validation_failed");
  const channel = {
    ...{ code: "trade", name: "Trade", currencies: ["USD" as const], defaultCurrency: "USD" as const, languages: [] },
    ...{ pricesIncludeTax: null, productUrl: null, categoryUrl: null, isActive: true },
  };
  await transact(database.db, (tx) => writeSetting(tx, clock.now(), channelsSetting, { channels: [channel] }));
  const made = [await owner().create({ ...page, channel: "trade" }), await owner().create(page)];
  const { view } = await readKeyRing(database.db);
  expect(made.map(({ id }) => view.keys.find((key) => key.id === id)?.channel)).toEqual(["trade", "default"]);
  expect(await refusal(owner().create({ ...secret({}), channel: "trade" } as Input))).toBe("validation_failed");
});

test("every change is announced, and the key ring holds what is in force under a greater version", async () => {
  const announced: string[] = [];
  onOutboxCommit((rows) => announced.push(...rows.map((row) => `${row.channel} ${row.type} ${row.key}`)));
  const before = await readKeyRing(database.db);
  const page = {
    kind: "publishable" as const,
    name: "Outlet",
    origins: ["https://outlet.example/shop", "https://outlet.example"],
  };
  const { id, key } = await owner().create(page);
  const during = await readKeyRing(database.db);
  const [held] = during.view.keys.filter((one) => one.id === id);
  expect(held).toMatchObject({ kind: "publishable", origins: ["https://outlet.example"], scopes: [], expiresAt: null });
  expect(JSON.stringify(during.view)).not.toContain(key);
  await owner().revoke({ id });
  const after = await readKeyRing(database.db);
  expect(after.view.keys.map((one) => one.id)).toEqual(before.view.keys.map((one) => one.id));
  expect(before.version < during.version && during.version < after.version).toBe(true);
  expect(announced).toEqual([`projection api-keys.changed ${id}`, `projection api-keys.changed ${id}`]);
});

test("pages of a storefront may sign people in while its key is in force, and some seconds longer", async () => {
  const origins = createStorefrontOrigins(deps());
  const { id } = await owner().create({ kind: "publishable", name: "Pop-up", origins: ["https://popup.example"] });
  expect(await origins()).toContain("https://popup.example");
  await owner().revoke({ id });
  clock.advance(5_000);
  expect(await origins()).not.toContain("https://popup.example");
});

test("when a key was used last is written down, never backwards, and what is no key's is passed over", async () => {
  const { id } = await owner().create(secret());
  const lastUsedAt = async () => (await owner().list()).items.find((item) => item.id === id)?.lastUsedAt;
  const tell = async (at: number) => {
    await cache.redis.hset(keys.keyUses(), id, at, "api_nonsense", 1, newId("api"), at);
    await noteKeyUses({ db: database.db, redis: cache.redis });
  };
  const at = clock.now() as Instant;
  await tell(at);
  expect(await lastUsedAt()).toBe(new Date(at).toISOString());
  expect(await cache.redis.exists(keys.keyUses())).toBe(0);
  await tell(at - 5_000);
  expect(await lastUsedAt()).toBe(new Date(at).toISOString());
});
