import { expect } from "bun:test";
import { type DraftId, newId, type OrderId, problem } from "@stoa/kernel";
import type { StaffActor } from "../../../platform/rpc/index.ts";
import { rights } from "../../../platform/rpc/index.ts";
import { createDraft, type StaffRequest } from "../compose-draft.ts";
import { type DraftContent, draftContentSchema } from "../draft.ts";
import { readDraft } from "../draft-queries.ts";
import { type PaidLink, type PayLink, payLink } from "../pay-draft.ts";
import { sendDraft } from "../send-draft.ts";
import { card, guest, leftBehind, type Shop } from "./checkout.ts";

export const WEEK_SECONDS = 7 * 86_400;

/** A staff member who holds all rights, or those named. */
export function aStaffRequest(held: readonly (typeof rights)[number][] = rights): StaffRequest {
  const actor: StaffActor = {
    kind: "staff",
    staffId: newId("stf"),
    userId: crypto.randomUUID(),
    name: "Grace",
    email: "grace@shop.example",
    roles: [],
    rights: new Set(held),
  };
  return { actor, requestId: crypto.randomUUID() };
}

export const address = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };

/** Content that lacks nothing; shipped for 7.00 by hand unless said otherwise. */
export function draftContent(lines: DraftContent["lines"], more: Partial<DraftContent> = {}): DraftContent {
  return draftContentSchema.parse({
    email: "ada@example.com",
    shippingAddress: address,
    shipping: { name: "By courier", price: 700, reason: "same day" },
    lines,
    ...more,
  });
}

export async function aDraft(
  shop: Shop,
  sku: string,
  quantity = 1,
  more: Partial<DraftContent> = {},
): Promise<DraftId> {
  const content = draftContent([{ sku, quantity }], more);
  return createDraft(shop.orders, aStaffRequest(), { currency: "USD", content });
}

/** Sends the draft and answers its link's token. */
export async function aLink(shop: Shop, draftId: DraftId): Promise<string> {
  const { version } = await readDraft(shop.orders, draftId);
  const sent = { draftId, version, expiresInSeconds: WEEK_SECONDS };
  return (await sendDraft(shop.orders, aStaffRequest(), sent)).token;
}

export async function pay(shop: Shop, token: string, more: Partial<PayLink> = {}): Promise<PaidLink> {
  const request = { token, payment: card("pm_card_visa"), idempotencyKey: crypto.randomUUID(), ...more };
  const paid = await payLink(shop.orders, guest, request);
  if (paid === null) throw problem("not_found");
  return paid;
}

export const draftOf = (shop: Shop, draftId: DraftId) => readDraft(shop.orders, draftId);

/** The one order of a draft, confirmed and paid for, and nothing beside it. */
export async function expectPaid(
  shop: Shop,
  draftId: DraftId,
  orderId: OrderId,
  { sku, quantity }: { readonly sku: string; readonly quantity: number },
) {
  const left = await leftBehind(shop, orderId, sku);
  const { total } = left.view.totals;
  expect(left.view.state).toBe("confirmed");
  expect(left.charges).toEqual([{ state: "captured", amount: total.amount }]);
  expect([left.reserved, left.allocated]).toEqual([0, quantity]);
  expect(await draftOf(shop, draftId)).toMatchObject({ state: "completed", orderId });
  return left.view;
}
