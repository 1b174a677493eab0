import { expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { z } from "zod";
import type { AppRouter } from "./router.ts";
import { requests, type Shape, staffPaths } from "./testing/procedures.ts";
import { differencesOf } from "./testing/request-rules.ts";

/** What no answer holds, wherever in it: members of MongoDB's documents, and times in another form than RFC 3339 text. */
type Strange<T, Depth extends 0[] = []> = Depth["length"] extends 7
  ? never
  : T extends Instant | Date
    ? "a time that is no text"
    : T extends string | number | boolean | null | undefined | ((...given: never) => unknown)
      ? never
      : T extends readonly (infer Item)[]
        ? Strange<Item, [...Depth, 0]>
        : {
            [K in keyof T & string]: K extends "_id" | "revision" | "dirty" ? K : StrangeMember<K, T[K], Depth>;
          }[keyof T & string];
type StrangeMember<K extends string, T, Depth extends 0[]> = K extends "compareAt"
  ? never
  : K extends `${string}At`
    ? [T] extends [string | null | undefined]
      ? never
      : `${K} is no text`
    : Strange<T, [...Depth, 0]>;

/** What a procedure answers: nothing, or an object that may grow members. */
type Misshapen<T> = [T] extends [never] | [undefined]
  ? never
  : null extends T
    ? "null"
    : T extends readonly unknown[]
      ? "a bare list"
      : never;

type Calls = AppRouter["_def"]["record"];
/** Those for staff; what edge asks for is shaped by the storefront's contract. */
interface StaffCalls {
  readonly rest: Omit<Calls, "carts" | "orders" | "payments" | "users">;
  readonly carts: Pick<Calls["carts"], "promotions" | "terms">;
  readonly orders: Pick<Calls["orders"], "staff" | "notes" | "fields" | "fulfilment" | "drafts" | "changes">;
  readonly papers: Calls["orders"]["papers"]["staff"];
  readonly returns: Calls["orders"]["returns"]["staff"];
  readonly payments: Omit<Calls["payments"], "savedMethods" | "removeSavedMethod" | "giftCardBalance" | "storeCredit">;
  readonly users: Omit<Calls["users"], "session" | "me" | "updateMe" | "addresses" | "exportMe" | "deleteMe">;
}
type Answers<T> = T extends { readonly _def: { readonly $types: { readonly output: infer O } } }
  ? { readonly answer: O }
  : { [K in keyof T & string]: Answers<T[K]> }[keyof T & string];
type FaultOf<A> = A extends { readonly answer: infer O } ? Misshapen<O> | Strange<O> : never;
type Faults = FaultOf<Answers<StaffCalls>>;

/** Fails to compile with the name of what is strange. */
const faultless: [Faults] extends [never] ? true : Faults = true;

test("answers to staff hold text for times and no member of a stored document, and are objects or nothing", () => {
  expect(faultless).toBe(true);
});

/** Times in a request that are not said in text, by where they stand. */
function strangeTimes(shape: unknown, path: string): string[] {
  if (typeof shape !== "object" || shape === null) return [];
  const { properties = {} } = shape as Shape;
  const named = Object.entries(properties).flatMap(([name, member]) => {
    const isTime = /At$/.test(name) && name !== "compareAt" && !/"format":"date-time"/.test(JSON.stringify(member));
    return isTime ? [`${path}.${name}`] : [];
  });
  return [...named, ...Object.entries(shape).flatMap(([name, member]) => strangeTimes(member, `${path}.${name}`))];
}

test("requests say times in text", () => {
  expect(requests.length).toBeGreaterThan(100);
  expect(requests.flatMap(({ path, shape }) => strangeTimes(shape, path))).toEqual([]);
});

test("requests of staff name things in one way", async () => {
  const ofStaff = await staffPaths();
  expect(ofStaff.size).toBeGreaterThan(100);
  expect(requests.filter(({ path }) => ofStaff.has(path)).flatMap(differencesOf)).toEqual([]);
});

test.each<[string, string, z.ZodType]>([
  ["orders.staff.hold", "orderId is called id", z.strictObject({ orderId: z.string() })],
  ["orders.staff.hold", "orderIds is called id", z.strictObject({ orderIds: z.array(z.string()) })],
  [
    "orders.staff.hold",
    "content.active says yes or no",
    z.strictObject({ content: z.object({ active: z.boolean() }) }),
  ],
  ["payments.fine", "amount is { amount, currency }", z.strictObject({ id: z.string(), amount: z.int() })],
  ["payments.fine", "terms.price is { amount", z.strictObject({ terms: z.object({ price: z.int() }) })],
  ["orders.tags.remove", "deletion is called delete", z.strictObject({ id: z.string() })],
  ["orders.tags.list", "limit and cursor go together", z.strictObject({ limit: z.int() })],
  ["orders.tags.list", "page is no way to page", z.strictObject({ page: z.int() })],
  ["orders.tags.list", "status of a list", z.strictObject({ status: z.enum(["new", "old"]) })],
  ["orders.tags.list", "states of a list", z.strictObject({ states: z.string() })],
  ["orders.tags.update", "what is there already is changed", z.strictObject({ id: z.string() })],
  ["orders.tags.save", "what is saved may be new", z.strictObject({ id: z.string(), version: z.int() })],
  ["orders.tags.fill", "from says from what", z.strictObject({ id: z.string(), from: z.string() })],
  ["orders.tags.save", "revision is called version", z.strictObject({ id: z.string(), revision: z.int() })],
  ["orders.tags.save", "why is called reason", z.strictObject({ id: z.string(), why: z.string() })],
])("a request that differs is told of: %s, %s", (path, told, input) => {
  const shape = z.toJSONSchema(input) as Shape;
  expect(differencesOf({ path, shape }).join()).toContain(`${path}: ${told}`);
});
