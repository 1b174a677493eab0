import { expect, test } from "bun:test";
import { problemCodes } from "@stoa/kernel";
import committed from "../openapi.json";
import { type Endpoint, pathParameters, problemsOf } from "./endpoint.ts";
import { endpointById, endpoints } from "./endpoints.ts";
import { openapiDocument } from "./openapi.ts";

const all: readonly Endpoint[] = endpoints;

test("the committed openapi.json is what the endpoints say now", () => {
  const current: unknown = JSON.parse(JSON.stringify(openapiDocument()));
  const upToDate = Bun.deepEquals(current, committed, true);
  expect(upToDate ? "up to date" : "run `bun generate.ts` in packages/contract").toBe("up to date");
});

test("every reference in the document leads somewhere", () => {
  const document = openapiDocument();
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1] ?? "");
  expect(references.length).toBeGreaterThan(20);
  for (const reference of references) {
    let node: unknown = document;
    for (const part of reference.split("/")) node = Object(node)[part];
    expect([reference, typeof node]).toEqual([reference, "object"]);
  }
});

test("ids and routes are unique, and each route documents all its parameters", () => {
  expect(new Set(all.map((one) => one.id)).size).toBe(all.length);
  expect(new Set(all.map((one) => `${one.method} ${one.path}`)).size).toBe(all.length);
  for (const one of all)
    expect([one.id, one.params !== undefined]).toEqual([one.id, pathParameters(one.path).length > 0]);
});

test("every operation documents its refusals by status", () => {
  const document = JSON.parse(JSON.stringify(openapiDocument()));
  for (const one of all) {
    const { responses } = document.paths[one.path][one.method.toLowerCase()];
    for (const code of problemsOf(one)) expect(Object.keys(responses)).toContain(String(problemCodes[code].status));
  }
});

test("bodies refuse members they do not know, at every level", () => {
  const body = endpointById("carts.checkout").body;
  const payment = { provider: "stripe" };
  expect(body.safeParse({ payment }).success).toBe(true);
  expect(body.safeParse({ payment, total: { amount: 1, currency: "USD" } }).success).toBe(false);
  expect(body.safeParse({ payment: { ...payment, amount: 1 } }).success).toBe(false);
  for (const one of all) {
    if (!one.body) continue;
    expect([one.id, one.body.safeParse({ isAdmin: true }).success]).toEqual([one.id, false]);
  }
});

test("quantities are whole numbers from 1 to 999, and texts are no numbers", () => {
  const body = endpointById("carts.items.add").body;
  for (const quantity of [1, 999]) expect(body.safeParse({ sku: "A", quantity }).success).toBe(true);
  for (const quantity of [0, -1, 1.5, 1000, 1e9, "1", null, Number.NaN]) {
    expect(body.safeParse({ sku: "A", quantity }).success).toBe(false);
  }
});

test("texts with control characters or half a character are refused", () => {
  const body = endpointById("carts.items.add").body;
  for (const sku of ["a\u0000b", "\ud800", "", "   ", "x".repeat(101)]) {
    expect(body.safeParse({ sku, quantity: 1 }).success).toBe(false);
  }
  // As long as the catalog takes them: what is shown can be bought.
  expect(body.safeParse({ sku: "x".repeat(100), quantity: 1 }).success).toBe(true);
});
