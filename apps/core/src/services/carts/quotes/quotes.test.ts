import { expect, test } from "bun:test";
import { NOW } from "../testing/fixture.ts";
import { Quotes, withQuotes } from "./quotes.ts";

test("looks at once ask one question once, and a provider that was silent to one of them takes no answer from another", async () => {
  const answers = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  // Nobody may ever wait for the second.
  answers[1]?.promise.catch(() => undefined);
  let asked = 0;
  const quotes = new Quotes<string, number>({
    ask: () => answers[asked++]?.promise ?? Promise.reject(new Error("asked too often")),
    clock: { now: () => NOW },
    onSilence: () => undefined,
  });
  const looks = [1, 2].map(() => withQuotes(async () => quotes.answerTo("How much to Rome?")));
  answers[0]?.resolve(800);
  await looks[0];
  answers[1]?.reject(new Error("too busy"));
  expect(await Promise.all(looks)).toEqual([800, 800]);
  expect(await withQuotes(async () => quotes.answerTo("How much to Rome?"))).toBe(800);
  expect(asked).toBe(1);
});
