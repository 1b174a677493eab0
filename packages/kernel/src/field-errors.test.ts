import { expect, test } from "bun:test";
import { z } from "zod";
import { fieldErrors } from "./field-errors.ts";

const thing = z.strictObject({ name: z.string(), size: z.int() });
const either = z.union([thing, thing.extend({ id: z.string(), version: z.int() })]);

function told(schema: z.ZodType, value: unknown, at?: string) {
  const { error } = schema.safeParse(value);
  return error ? fieldErrors(error, at).map(({ path, message }) => `${path}: ${message}`) : [];
}

test("each wrong member is told by its path, unknown ones by their names", () => {
  expect(told(thing, { name: 1, size: 1, colour: "red" }, "body")).toEqual([
    "body.name: Invalid input: expected string, received number",
    "body.colour: unknown member",
  ]);
});

test("of several shapes that one is judged by which was meant", () => {
  const missing = "size: Invalid input: expected number, received undefined";
  expect(told(either, { name: "a" })).toEqual([missing]);
  expect(told(either, { id: "1", version: 1, name: "a" })).toEqual([missing]);
  expect(told(z.strictObject({ one: either }), { one: { name: "a", size: 1, colour: "red" } })).toEqual([
    "one.colour: unknown member",
  ]);
});

test("a value that is none of several kinds is told what it may be", () => {
  expect(told(z.strictObject({ it: z.union([z.string(), z.number()]) }), { it: true })).toEqual([
    "it: Invalid input: expected string, received boolean, or Invalid input: expected number, received boolean",
  ]);
});

test("a list that is too long is not told that it is no text", () => {
  const skus = z.union([z.string(), z.array(z.string()).max(2)]);
  expect(told(z.strictObject({ sku: skus }), { sku: ["a", "b", "c"] })).toEqual([
    "sku: Too big: expected array to have <=2 items",
  ]);
});

test("however much is wrong, an answer stays short", () => {
  const keys = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${"k".repeat(500)}${index}`, 1]));
  const errors = told(z.strictObject({}), keys);
  expect(errors).toHaveLength(20);
  expect(Math.max(...errors.map((error) => error.length))).toBeLessThan(200);
});
