import { afterAll, beforeAll, expect, test } from "bun:test";
import { corpusFields, keys } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { summaryView } from "../testing/fixtures.ts";
import { dropCollection, seedProducts } from "../testing/search-collection.ts";

const lamp = summaryView({ title: "Acme lamp brass", brand: "Acme" });
const table = summaryView({ title: "Zeta table", brand: "Zeta" });

let edge: EdgeUnderTest;
interface Question {
  readonly q: string;
  readonly enable_synonyms?: boolean;
}
/** How many questions each call to the engine held. */
const calls: number[] = [];
const questions: Question[] = [];
const engine = process.env.TEST_TYPESENSE_URL ?? "http://127.0.0.1:18108";
const counting = Bun.serve({
  port: 0,
  async fetch(request) {
    const body = await request.text();
    const { searches } = JSON.parse(body) as { searches: Question[] };
    calls.push(searches.length);
    questions.push(...searches);
    const { pathname, search } = new URL(request.url);
    return fetch(engine + pathname + search, { method: request.method, headers: request.headers, body });
  },
});
beforeAll(async () => {
  edge = await edgeUnderTest({ typesenseUrl: counting.url.href });
  await edge.seedShop();
  await seedProducts(edge, [{ summary: lamp }, { summary: table }]);
});
afterAll(async () => {
  await dropCollection(edge);
  await edge[Symbol.asyncDispose]();
  await counting.stop(true);
});

/** A catalog of a thousand products, so many of which have each of the words. */
async function asked(q: string, { each }: { readonly each: number }) {
  const counts = Object.fromEntries(["acme", "lamp", "brass", "zeta", "table"].map((word) => [word, each]));
  await edge.redis.hset(keys.searchCorpus(null), { [corpusFields.documents]: 1_000, ...counts });
  calls.length = 0;
  // Else the answer is one that is held.
  const limit = 20 + (each % 7);
  const answer = await edge.ask(`/v1/search?q=${encodeURIComponent(q)}&limit=${limit}`);
  const { items, total } = (await answer.json()) as { items: { id: string }[]; total: number };
  return { found: items.map(({ id }) => id).sort(), total, calls: [...calls] };
}

test("parts of a query that hardly any product can match as a whole are asked for along with it", async () => {
  const { calls: made, found } = await asked("acme brass lamp zeta table", { each: 5 });
  expect(made).toEqual([expect.any(Number), 1]);
  expect(made[0]).toBeGreaterThan(1);
  expect(found).toEqual([lamp.id, table.id].sort());
});

test("where many products may match, the parts are asked for only when few do; what is found is the same", async () => {
  const many = await asked("acme table", { each: 300 });
  expect(many.calls).toEqual([1, expect.any(Number), 1]);
  const few = await asked("acme table", { each: 5 });
  expect(few.calls).toHaveLength(2);
  expect([many.found, many.total]).toEqual([few.found, few.total]);
});

test("what few products are called is asked for without what means the same as well, where many are called otherwise", async () => {
  const counts = { acme: 5, charger: 5, ac: 300, adapter: 300, power: 300 };
  await edge.redis.hset(keys.searchCorpus(null), { [corpusFields.documents]: 1_000, ...counts });
  questions.length = 0;
  await edge.ask("/v1/search?q=acme%20charger");
  const asked = questions.filter(({ q }) => q === "charger").map(({ enable_synonyms }) => enable_synonyms);
  expect(asked.sort()).toEqual([false, true]);
});
