import { expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { consumedBy } from "./consumers.ts";

const delivery = { id: newId("msg"), type: "a", key: "k", payload: {} };

test("every consumer of a type works on a delivery, and one that fails keeps no other from it", async () => {
  const done: string[] = [];
  const failing = async () => {
    throw new Error("not today");
  };
  const handlers = consumedBy([
    { a: failing, b: async () => void done.push("b") },
    { a: async () => void done.push("a2") },
    { a: async () => void done.push("a3") },
  ]);
  expect(Object.keys(handlers).sort()).toEqual(["a", "b"]);
  await expect(handlers.a?.(delivery)).rejects.toThrow("not today");
  expect(done).toEqual(["a2", "a3"]);
  await handlers.b?.(delivery);
  expect(done).toEqual(["a2", "a3", "b"]);
});

test("several failures are told together, so that none hides another", async () => {
  const failing = (message: string) => async () => {
    throw new Error(message);
  };
  const handlers = consumedBy([{ a: failing("one") }, { a: failing("two") }]);
  await expect(handlers.a?.(delivery)).rejects.toMatchObject({ errors: [new Error("one"), new Error("two")] });
});
