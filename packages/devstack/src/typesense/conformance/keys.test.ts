import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Client, Errors } from "typesense";
import { type Target, targetSources } from "./targets.ts";

describe.each(targetSources.map((source) => [source.name, source] as const))("API keys on %s", (_name, source) => {
  let target: Target;
  let admin: Client;
  let name: string;
  const made: number[] = [];

  beforeAll(async () => {
    target = await source.start();
    admin = target.client();
    name = target.name("keyed");
    await admin.collections().create({
      name,
      fields: [
        { name: "title", type: "string" },
        { name: "shop", type: "string", facet: true },
      ],
    });
    const documents = ["a", "b", "b"].map((shop, at) => ({ id: String(at), title: "lamp", shop }));
    await admin.collections<object>(name).documents().import(documents);
  });
  afterAll(async () => {
    for (const id of made)
      await admin
        .keys(id)
        .delete()
        .catch(() => undefined);
    await target.stop();
  });

  const key = async (options: { actions: string[]; collections?: string[]; expires_at?: number }) => {
    const created = await admin.keys().create({ description: "test", collections: ["*"], ...options });
    made.push(created.id);
    return { id: created.id, value: String(created.value) };
  };
  const found = async (value: string, parameters: object = {}) =>
    (
      await target
        .client(value)
        .collections<object>(name)
        .documents()
        .search({ q: "*", ...parameters })
    ).found;

  test("a search key searches and does nothing else", async () => {
    const { value } = await key({ actions: ["documents:search"] });
    expect(await found(value)).toBe(3);
    const client = target.client(value);
    for (const forbidden of [
      () => client.collections().retrieve(),
      () => client.collections(name).delete(),
      () => client.collections<object>(name).documents().create({ id: "9", title: "x", shop: "a" }),
      () => client.keys().retrieve(),
    ]) {
      await expect(forbidden()).rejects.toBeInstanceOf(Errors.RequestUnauthorized);
    }
  });

  test("a key for other collections does not open this one, a pattern may", async () => {
    await expect(found((await key({ actions: ["*"], collections: ["other"] })).value)).rejects.toBeInstanceOf(
      Errors.RequestUnauthorized,
    );
    expect(await found((await key({ actions: ["documents:*"], collections: ["keyed_.*"] })).value)).toBe(3);
  });

  test("a key's value is told once, a deleted or expired key opens nothing", async () => {
    const { id, value } = await key({ actions: ["documents:search"] });
    const shown = await admin.keys(id).retrieve();
    expect(shown).not.toHaveProperty("value");
    expect(shown.value_prefix).toBe(value.slice(0, 4));
    expect((await admin.keys().retrieve()).keys.map((each) => each.id)).toContain(id);
    await admin.keys(id).delete();
    await expect(found(value)).rejects.toBeInstanceOf(Errors.RequestUnauthorized);
    const expired = await key({ actions: ["documents:search"], expires_at: 1_600_000_000 });
    await expect(found(expired.value)).rejects.toBeInstanceOf(Errors.RequestUnauthorized);
  });

  test("a scoped key forces its filter, which a search can narrow but not widen", async () => {
    const { value } = await key({ actions: ["documents:search"] });
    const scoped = admin.keys().generateScopedSearchKey(value, { filter_by: "shop:=b" });
    expect(await found(scoped)).toBe(2);
    expect(await found(scoped, { filter_by: "shop:=a" })).toBe(0);
    expect(await found(scoped, { filter_by: "shop:=a || shop:=b" })).toBe(2);
    const { results } = await target
      .client(scoped)
      .multiSearch.perform<[object]>({ searches: [{ collection: name, q: "*", filter_by: "shop:=[a,b]" }] });
    expect(results[0]?.found).toBe(2);
  });

  test("a scoped key that was tampered with, has expired, or comes from a key that may do more opens nothing", async () => {
    const { value } = await key({ actions: ["documents:search"] });
    const scoped = admin.keys().generateScopedSearchKey(value, { filter_by: "shop:=b" });
    const tampered = Buffer.from(Buffer.from(scoped, "base64").toString().replace("shop:=b", "shop:=a")).toString(
      "base64",
    );
    const expired = admin.keys().generateScopedSearchKey(value, { expires_at: 1_600_000_000 });
    const wide = await key({ actions: ["documents:search", "documents:get"] });
    const fromWide = admin.keys().generateScopedSearchKey(wide.value, { filter_by: "shop:=b" });
    for (const bad of [tampered, expired, fromWide, "", "AAAA"]) {
      await expect(found(bad)).rejects.toThrow();
    }
  });
});
