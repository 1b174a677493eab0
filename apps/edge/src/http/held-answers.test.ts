import { expect, test } from "bun:test";
import { HeldAnswers, type Hold } from "./held-answers.ts";
import type { PublicContent } from "./public-read.ts";

const hold: Hold = { freshMs: 1_000, reviseMs: 2_000 };
const content = (body: string, madeOf: readonly string[] = ["a"]): PublicContent => ({
  body,
  etag: `"${body}"`,
  madeOf,
  writtenAt: null,
});

/** Answers over a clock and a source that the test moves. */
function held(options: { readonly sizeMax?: number } = {}) {
  const world = { now: 0, body: "old", made: 0, failure: null as Error | null };
  const answers = new HeldAnswers({
    sizeMax: options.sizeMax ?? 10_000,
    keepMs: 60_000,
    isOutage: (error) => error instanceof Error && error.message === "away",
    now: () => world.now,
  });
  answers.hear(true);
  const make = async () => {
    world.made += 1;
    if (world.failure) throw world.failure;
    return content(world.body);
  };
  const read = async (key = "/v1/x") => {
    const given = await answers.read({ key, hold, make });
    if (given instanceof Response) throw new Error("is a redirect");
    return { body: given.content.body, ageMs: given.ageMs };
  };
  return { world, answers, make, read };
}

test("an answer is given again without a question, and callers at the same time share one making", async () => {
  const { world, answers, make, read } = held();
  await Promise.all([read(), read(), read()]);
  expect(world.made).toBe(1);
  world.now = 1_000;
  // No promise: what is held costs no turn of the event loop.
  expect(answers.read({ key: "/v1/x", hold, make })).toMatchObject({ ageMs: 1_000, content: { body: "old" } });
  expect(world.made).toBe(1);
});

test("behind its fresh time it is given once more while it is made anew", async () => {
  const { world, read } = held();
  await read();
  world.now = 1_500;
  world.body = "new";
  expect(await read()).toEqual({ body: "old", ageMs: 1_500 });
  await Promise.resolve();
  expect(await read()).toEqual({ body: "new", ageMs: 0 });
  world.now = 5_000;
  world.body = "newest";
  expect(await read()).toEqual({ body: "newest", ageMs: 0 });
});

test("a change of what it was made of is seen by the very next caller", async () => {
  const { world, answers, read } = held();
  await read();
  world.body = "new";
  answers.invalidate(["b"]);
  expect((await read()).body).toBe("old");
  answers.invalidate(["a"]);
  expect((await read()).body).toBe("new");
});

test("what was begun before a change is neither shared with callers after it nor held as true", async () => {
  const { world, answers, read } = held();
  const before = read();
  answers.invalidate(["a"]);
  world.body = "new";
  const after = read();
  expect((await after).body).toBe("new");
  await before;
  expect((await read()).body).toBe("new");
});

test("while changes may be missed every answer is made anew, and what was held before is not trusted after", async () => {
  const { world, answers, read } = held();
  await read();
  answers.hear(false);
  world.body = "new";
  expect((await read()).body).toBe("new");
  world.body = "newer";
  answers.hear(true);
  expect((await read()).body).toBe("newer");
  expect(world.made).toBe(3);
});

test("in an outage the held answer is given with its age, an outdated one too; a refusal is passed on", async () => {
  const { world, answers, read } = held();
  await read();
  answers.hear(false);
  answers.invalidate(["a"]);
  world.now = 59_000;
  world.failure = new Error("away");
  expect(await read()).toEqual({ body: "old", ageMs: 59_000 });
  await expect(read("/v1/never-asked-for")).rejects.toThrow("away");
  world.failure = new Error("refused");
  await expect(read()).rejects.toThrow("refused");
  world.failure = new Error("away");
  world.now = 61_000;
  await expect(read()).rejects.toThrow("away");
  world.failure = null;
  world.body = "back";
  expect(await read()).toEqual({ body: "back", ageMs: 0 });
});

test("the least used make room, what is too large is not held, and memory is what it says", async () => {
  const { world, answers, read } = held({ sizeMax: 18_850 });
  world.body = "x".repeat(80);
  for (let n = 0; n < 11; n += 1) await read(`/${n}`);
  await read("/0");
  const made = world.made;
  await read("/5");
  expect(world.made).toBe(made);
  await read("/1");
  expect(answers.size).toBeLessThanOrEqual(18_850);
  world.body = "x".repeat(1_886);
  const before = answers.size;
  await read("/large");
  await read("/large");
  expect(answers.size).toBe(before);
});

test("a redirect is passed on, to each caller one of its own, and not held", async () => {
  const { answers } = held();
  let made = 0;
  const make = async () => {
    made += 1;
    return new Response(null, { status: 301, headers: { location: "/v1/y" } });
  };
  const read = () => answers.read({ key: "/v1/x", hold, make });
  const [first, second] = await Promise.all([read(), read()]);
  if (!(first instanceof Response && second instanceof Response)) throw new Error("is no redirect");
  expect(first).not.toBe(second);
  expect(second.headers.get("location")).toBe("/v1/y");
  expect(made).toBe(1);
  await read();
  expect(made).toBe(2);
});

test("with no memory nothing is held and nothing is shared", async () => {
  const { world, read } = held({ sizeMax: 0 });
  await Promise.all([read(), read()]);
  await read();
  expect(world.made).toBe(3);
});

test("an answer that ceases to be true at a moment is given up to it and not from it on, also to those who shared its making", async () => {
  const world = { now: 1_000, made: 0 };
  const gate = Promise.withResolvers<void>();
  const answers = new HeldAnswers({ sizeMax: 10_000, keepMs: 60_000, isOutage: () => false, clock: () => world.now });
  answers.hear(true);
  const make = async () => {
    world.made += 1;
    const isFirst = world.made === 1;
    if (isFirst) await gate.promise;
    return isFirst ? { ...content("sale"), until: 2_000 } : content("after");
  };
  const read = async () => {
    const given = await answers.read({ key: "/v1/x", hold, make });
    return given instanceof Response ? null : given.content.body;
  };
  const [first, late] = [read(), read()];
  gate.resolve();
  expect([await first, await late, await read(), world.made]).toEqual(["sale", "sale", "sale", 1]);
  world.now = 1_999;
  expect(await read()).toBe("sale");
  world.now = 2_000;
  expect([await read(), await read(), world.made]).toEqual(["after", "after", 2]);
});

test("whoever waits for an answer that is over when it is made gets the next one", async () => {
  const world = { now: 1_000, made: 0 };
  const answers = new HeldAnswers({ sizeMax: 10_000, keepMs: 60_000, isOutage: () => false, clock: () => world.now });
  answers.hear(true);
  const make = async () => {
    world.made += 1;
    if (world.made > 1) return content("after");
    world.now = 2_000;
    return { ...content("sale"), until: 2_000 };
  };
  const given = await answers.read({ key: "/v1/x", hold, make });
  expect(given instanceof Response ? null : given.content.body).toBe("after");
});
