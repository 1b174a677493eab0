import { z } from "zod";
import { isReturnUrl } from "../payment-page/page.ts";
import { minorUnits } from "./amounts.ts";
import { notFound, unprocessable } from "./errors.ts";
import type { Link, Order, PurchaseUnit } from "./objects.ts";
import { link, newId, type OrderSecrets, type StoredOrder, type Turn, timestamp } from "./turn.ts";

const UNITS_MAX = 10;

export const moneySchema = z.object({
  currency_code: z.string().length(3),
  value: z
    .string()
    .max(32)
    .regex(/^(-?[0-9]+|-?[0-9]+\.[0-9]+)$/),
});

const breakdownParts = ["item_total", "tax_total", "shipping", "handling", "insurance"] as const;
const breakdownDiscounts = ["shipping_discount", "discount"] as const;
const optionalMoney = moneySchema.optional();

export const amountSchema = moneySchema.extend({
  breakdown: z
    .object({
      item_total: optionalMoney,
      tax_total: optionalMoney,
      shipping: optionalMoney,
      handling: optionalMoney,
      insurance: optionalMoney,
      shipping_discount: optionalMoney,
      discount: optionalMoney,
    })
    .optional(),
});

const unitSchema = z.looseObject({
  reference_id: z.string().min(1).max(256).default("default"),
  amount: amountSchema,
  custom_id: z.string().max(255).optional(),
  description: z.string().max(3_000).optional(),
  invoice_id: z.string().max(127).optional(),
  items: z
    .array(z.looseObject({ name: z.string(), quantity: z.string().regex(/^\d{1,10}$/), unit_amount: moneySchema }))
    .max(500)
    .optional(),
});
type UnitRequest = z.infer<typeof unitSchema>;

const returnUrl = z.string().max(2_048).refine(isReturnUrl);
const experienceSchema = z.looseObject({
  brand_name: z.string().max(127).optional(),
  cancel_url: returnUrl.optional(),
  return_url: returnUrl.optional(),
});

const vaultSchema = z.looseObject({
  customer: z
    .looseObject({ id: z.string().max(36).optional(), merchant_customer_id: z.string().max(64).optional() })
    .optional(),
  vault: z
    .looseObject({ store_in_vault: z.literal("ON_SUCCESS"), usage_type: z.enum(["MERCHANT", "PLATFORM"]) })
    .optional(),
});

export const createOrderSchema = z.looseObject({
  intent: z.enum(["AUTHORIZE", "CAPTURE"]),
  purchase_units: z.array(unitSchema).min(1).max(UNITS_MAX),
  application_context: experienceSchema.optional(),
  payment_source: z
    .looseObject({
      paypal: z
        .looseObject({
          experience_context: experienceSchema.optional(),
          attributes: vaultSchema.optional(),
          vault_id: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
});

/** 201 for a plain order; 200 when the payment source is named, because then the payer has to act next. */
export function createOrder(turn: Turn, body: z.infer<typeof createOrderSchema>): { status: number; order: Order } {
  const { payment_source: source } = body;
  checkUnits(body.purchase_units);
  // An order that is created and paid by one call is not offered here.
  const isStrange = source !== undefined && (source.paypal === undefined || source.paypal.vault_id !== undefined);
  if (isStrange) throw unprocessable("PAYMENT_SOURCE_CANNOT_BE_USED");
  const experience = source?.paypal?.experience_context ?? body.application_context;
  const now = timestamp(turn.nowMs);
  const id = newId();
  const named = source !== undefined;
  const order: Order = {
    id,
    intent: body.intent,
    status: named ? "PAYER_ACTION_REQUIRED" : "CREATED",
    ...(named ? { payment_source: { paypal: {} } } : {}),
    purchase_units: body.purchase_units,
    create_time: now,
    update_time: now,
    links: orderLinks(turn, id, body.intent, named),
  };
  turn.orders.insert({
    view: order,
    hidden: {
      returnUrl: experience?.return_url ?? null,
      cancelUrl: experience?.cancel_url ?? null,
      merchant: experience?.brand_name ?? "Test shop",
      declines: false,
      vault: vaultOf(source?.paypal?.attributes),
    },
  });
  return { status: named ? 200 : 201, order };
}

function vaultOf(attributes: z.infer<typeof vaultSchema> | undefined): OrderSecrets["vault"] {
  if (attributes?.vault === undefined) return null;
  const { id = null, merchant_customer_id: merchantCustomerId = null } = attributes.customer ?? {};
  return { customerId: id, merchantCustomerId };
}

export function findOrder(turn: Turn, id: string): StoredOrder {
  const order = turn.orders.find(id);
  if (order === null) throw notFound();
  return order;
}

/** The order with the authorisations and captures of each purchase unit as they now are. */
export function showOrder(turn: Turn, order: Order): Order {
  const authorizations = [...turn.authorizations.oldestFirst({ parent: order.id })];
  const captures = [...turn.captures.oldestFirst({ parent: order.id })];
  const units = order.purchase_units.map((unit, index): PurchaseUnit => {
    const held = authorizations.filter(({ hidden }) => hidden.unit === index).map(({ view }) => view);
    const taken = captures.filter(({ hidden }) => hidden.unit === index).map(({ view }) => view);
    const returned = taken.flatMap(({ id }) => [...turn.refunds.oldestFirst({ parent: id })].map(({ view }) => view));
    if (held.length + taken.length === 0) return unit;
    const payments = {
      ...(held.length === 0 ? {} : { authorizations: held }),
      ...(taken.length === 0 ? {} : { captures: taken }),
      ...(returned.length === 0 ? {} : { refunds: returned }),
    };
    return { ...unit, payments };
  });
  return { ...order, purchase_units: units };
}

export function approvalLink(turn: Turn, orderId: string, rel: string): Link {
  return link(turn, `/checkoutnow?token=${orderId}`, rel);
}

function orderLinks(turn: Turn, id: string, intent: Order["intent"], named: boolean): Link[] {
  const path = `/v2/checkout/orders/${id}`;
  const action = intent === "CAPTURE" ? "capture" : "authorize";
  return [
    link(turn, path, "self"),
    approvalLink(turn, id, named ? "payer-action" : "approve"),
    link(turn, path, "update", "PATCH"),
    link(turn, `${path}/${action}`, action, "POST"),
  ];
}

/** Amounts of an order agree with each other; used for a new order and for a patched amount. */
export function checkUnits(units: readonly UnitRequest[]): void {
  if (new Set(units.map((unit) => unit.reference_id)).size !== units.length) {
    throw unprocessable("DUPLICATE_REFERENCE_ID", "/purchase_units");
  }
  if (new Set(units.map((unit) => unit.amount.currency_code)).size > 1) {
    throw unprocessable("MULTI_CURRENCY_ORDER", "/purchase_units");
  }
  for (const [index, unit] of units.entries()) {
    const field = `/purchase_units/${index}`;
    checkAmount(unit.amount, `${field}/amount`);
    if (unit.items !== undefined) checkItems(unit, field);
  }
}

export function checkAmount(amount: z.infer<typeof amountSchema>, field: string): void {
  const total = minorUnits(amount, field);
  const { breakdown } = amount;
  if (breakdown === undefined) return;
  const sum = (parts: readonly (keyof typeof breakdown)[]) =>
    parts.reduce((minor, part) => {
      const money = breakdown[part];
      return money === undefined ? minor : minor + minorUnits(money, `${field}/breakdown/${part}`, 0);
    }, 0);
  if (sum(breakdownParts) - sum(breakdownDiscounts) !== total) throw unprocessable("AMOUNT_MISMATCH", field);
}

function checkItems(unit: UnitRequest, field: string): void {
  const itemTotal = unit.amount.breakdown?.item_total;
  const items = unit.items ?? [];
  const sum = items.reduce(
    (minor, item, index) =>
      minor + minorUnits(item.unit_amount, `${field}/items/${index}/unit_amount`, 0) * Number(item.quantity),
    0,
  );
  if (itemTotal === undefined || minorUnits(itemTotal, `${field}/amount/breakdown/item_total`, 0) !== sum) {
    throw unprocessable("ITEM_TOTAL_MISMATCH", `${field}/amount/breakdown/item_total`);
  }
}
