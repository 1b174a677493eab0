import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { usd } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const orderId = newId("ord");
const id = newId("inv");
const pdf = (filename: string) => {
  const base64 = Buffer.from("%PDF-1.3 …").toString("base64");
  return { filename, contentType: "application/pdf", base64 };
};
const shown = { "x-order-token": "token-1" };

test("200: the invoice as PDF, for the guest whose token core knows, and kept by no cache", async () => {
  edge.core.on("orders.papers.invoice", () => pdf('INV-1".pdf\r\nx: y'));
  const answer = await edge.ask(`/v1/orders/${orderId}/invoice`, { headers: shown });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("%PDF-1.3 …");
  expect(edge.core.calls.at(-1)?.input).toEqual({ orderId, accessToken: "token-1" });
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "application/pdf",
    "cache-control": "private, no-store",
    "content-disposition": 'inline; filename="INV-1_.pdf__x__y"',
    "x-content-type-options": "nosniff",
  });
});

test("200: all documents, the credit notes alone, and one of them as PDF", async () => {
  const note = { id, number: "CN-1", total: usd(500), issuedAt: "2026-11-27T10:00:00Z" };
  const invoice = { id: newId("inv"), kind: "invoice", number: "INV-1", total: usd(900), issuedAt: note.issuedAt };
  const noted = { ...note, kind: "credit_note", corrects: "INV-1" };
  edge.core.on("orders.papers.documents", () => [invoice, noted]);
  edge.core.on("orders.papers.document", () => pdf("CN-1.pdf"));
  for (const [path, items] of [
    ["documents", [invoice, noted]],
    ["credit-notes", [{ ...note, corrects: "INV-1" }]],
  ] as const) {
    const list = await edge.ask(`/v1/orders/${orderId}/${path}`, { headers: shown });
    expect([list.status, await list.json()]).toEqual([200, { items }]);
    expect(list.headers.get("cache-control")).toBe("private, no-store");
    const file = await edge.ask(`/v1/orders/${orderId}/${path}/${id}`, { headers: shown });
    expect([file.status, file.headers.get("content-type")]).toEqual([200, "application/pdf"]);
    expect(edge.core.calls.at(-1)?.input).toEqual({ orderId, id, accessToken: "token-1" });
  }
});

test("404: a stranger's order, one that is not confirmed, and what names nothing", async () => {
  for (const path of ["orders.papers.invoice", "orders.papers.documents", "orders.papers.document"] as const) {
    edge.core.refuse(path, "not_found");
  }
  const listed = ["documents", "credit-notes"].flatMap((path) => [path, `${path}/${id}`, `${path}/nonsense`]);
  for (const path of ["invoice", ...listed]) {
    const answer = await edge.ask(`/v1/orders/${orderId}/${path}`);
    expect([path, answer.status, Object(await answer.json()).code]).toEqual([path, 404, "not_found"]);
  }
});
