import { expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { z } from "zod";
import { type AppRouter, createRouter, type RouterDeps } from "./router.ts";

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

interface Shape {
  readonly type?: unknown;
  readonly format?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly [member: string]: unknown;
}

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
  const untouched: object = new Proxy(() => undefined, {
    get: (_, name) => (name === Symbol.toPrimitive || name === "then" ? undefined : untouched),
  });
  const { procedures } = createRouter(untouched as RouterDeps)._def;
  const inputs = Object.entries(procedures as object as Record<string, { _def: { inputs: z.ZodType[] } }>).flatMap(
    ([path, { _def }]) => _def.inputs.map((input) => [path, input] as const),
  );
  const shapes = inputs.map(([path, input]) => {
    return [path, z.toJSONSchema(input, { io: "input", unrepresentable: "any" })] as const;
  });
  expect(shapes.length).toBeGreaterThan(100);
  expect(shapes.flatMap(([path, shape]) => strangeTimes(shape, path))).toEqual([]);
});
