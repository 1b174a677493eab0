import { expect, test } from "bun:test";
import { startChores } from "./workers.ts";

test("a chore at work is told that the process is to end, and is waited for", async () => {
  const begun = Promise.withResolvers<void>();
  const done: string[] = [];
  const run = async (stopping: AbortSignal) => {
    begun.resolve();
    await new Promise<void>((resolve) => stopping.addEventListener("abort", () => resolve(), { once: true }));
    return 1;
  };
  const chores = startChores([{ name: "sagas", everyMs: 1, run }], {
    done: (name, found) => done.push(`${name} ${found}`),
    failed: (name, error) => done.push(`${name} ${String(error)}`),
  });
  await begun.promise;
  await chores[Symbol.asyncDispose]();
  expect(done).toEqual(["sagas 1"]);
});
