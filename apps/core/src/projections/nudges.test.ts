import { expect, test } from "bun:test";
import { newId, type ProductId } from "@stoa/kernel";
import { nudger } from "./nudges.ts";

const change = (...products: ProductId[]) => ({ products, categories: false });

function nudges() {
  const done: string[] = [];
  const counting = Promise.withResolvers<void>();
  const taken = nudger({
    products: async (ids) => {
      if (ids.includes(broken)) throw new Error("broken");
      done.push(...ids);
    },
    tree: async (wanted) => {
      await counting.promise;
      done.push(wanted);
    },
    rules: async () => {
      done.push("rules");
    },
    failed: (error) => done.push(String(error)),
  });
  return { ...taken, done, counting };
}
const broken = newId("prod");
const [one, other] = [newId("prod"), newId("prod")];
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("products do not wait for the tree of categories to be counted", async () => {
  const { take, idle, done, counting } = nudges();
  take(change(one));
  await settled();
  take(change(other));
  await settled();
  expect(done).toEqual([one, other]);
  counting.resolve();
  await idle();
  expect(done).toEqual([one, other, "counted", "counted"]);
});

test("what comes while the tree is counted is counted once more, and a tree that is to be written is not merely counted", async () => {
  const { take, idle, done, counting } = nudges();
  take(change(one));
  await settled();
  for (const id of [other, one, other]) take(change(id));
  take({ products: [], categories: true, searchRules: true });
  counting.resolve();
  await idle();
  expect(done.filter((entry) => entry === "counted" || entry === "written")).toEqual(["counted", "written"]);
  expect(done).toContain("rules");
});

test("a batch that fails is told of and leaves what comes after it alone", async () => {
  const { take, idle, done, counting } = nudges();
  counting.resolve();
  take(change(broken));
  await idle();
  take(change(one));
  await idle();
  expect(done).toEqual(["Error: broken", one, "counted"]);
});
