import { type CartId, type Currency, DEFAULT_CHANNEL, newId, problem, toTimestamp, toUuid } from "@stoa/kernel";
import type { CartView } from "@stoa/read-models";
import { sql } from "drizzle-orm";
import { prepared, type ValueOf } from "../../platform/db/index.ts";
import { type KeyWithAnswer, replayableWrite, takesKey } from "../../platform/idempotency/index.ts";
import { type AddItem, askPrices, limitReached, refuseTooDear, sumItems } from "./add-item.ts";
import { CART_TTL_MS, LINES_PER_CART_MAX, QUANTITY_MAX } from "./cart.ts";
import { askingOnce } from "./changing.ts";
import { findChannel, refuseClosed } from "./channel.ts";
import type { CartReading, CartsDeps } from "./context.ts";
import type { CartLineRow, CartRow } from "./find-cart.ts";
import { viewCart } from "./get-cart.ts";
import { newLineFields } from "./line-fields.ts";

export interface CreateCart {
  /** The channel's default currency when left out. */
  readonly currency?: Currency | undefined;
  /** The sales channel; the default one when left out. */
  readonly channel?: string | undefined;
  readonly items?: AddItem["items"] | undefined;
}

export interface NewCartView extends CartView {
  readonly id: CartId;
}

interface CreateContext extends CartReading {
  /** The same key answers the same cart; null makes a new one each time. */
  readonly idempotencyKey?: string | null;
}

/**
 * A new cart: the customer's own when a customer asks, else open to whoever holds its id. What it shows is known before it is
 * written, so it is written by one statement.
 * @throws problem `currency_mismatch` for a currency the channel does not sell in, `forbidden` for a channel that is closed,
 * `idempotency_key_reused`, and the refusals of `addItem`.
 */
export async function createCart(service: CartsDeps, context: CreateContext, input: CreateCart): Promise<NewCartView> {
  const { db, now, actor, idempotencyKey: key = null } = context;
  const deps = { ...service, findOffers: askingOnce(service.findOffers) };
  const scope = `${actor.kind === "customer" ? actor.customerId : "guest"}:carts.create`;
  const { value } = await replayableWrite({ db, now, scope, key, request: input }, async () => {
    const cart = await newCart(context, input);
    const lines = await newLines(deps, context, { cart, items: input.items ?? [] });
    const write = async (taken: KeyWithAnswer) =>
      (await insertCart(db, { ...rowsOf(cart, lines), ...taken })).length > 0;
    return { value: { ...(await viewCart(deps, context, { cart, lines })), id: cart.id }, write };
  });
  return value;
}

async function newCart({ db, now, actor }: CreateContext, input: CreateCart) {
  const { currency: wanted, channel = DEFAULT_CHANNEL, items = [] } = input;
  const found = await findChannel(db, channel);
  refuseClosed(found);
  const { defaultCurrency, currencies } = found;
  const currency = wanted ?? defaultCurrency;
  if (!currencies.includes(currency)) {
    throw problem("currency_mismatch", { detail: `This shop sells in ${currencies.join(", ")}.` });
  }
  const isCustomer = actor.kind === "customer";
  return {
    id: newId("cart"),
    state: "open",
    customerId: isCustomer ? actor.customerId : null,
    email: isCustomer ? actor.email : null,
    currency,
    channel,
    shippingAddress: null,
    billingAddress: null,
    shippingOptionId: null,
    promotionCodes: [],
    credits: [],
    customFields: {},
    orderId: null,
    mergedInto: null,
    // The items it comes with are its first change.
    version: items.length > 0 ? 2 : 1,
    createdAt: now,
    updatedAt: now,
    expiresAt: (now + CART_TTL_MS) as CartRow["expiresAt"],
  } satisfies CartRow;
}

async function newLines(
  deps: CartsDeps,
  { db, now }: CreateContext,
  { cart, items }: { readonly cart: CartRow; readonly items: NonNullable<CreateCart["items"]> },
): Promise<CartLineRow[]> {
  if (items.length > LINES_PER_CART_MAX) throw tooManyLines();
  const wanted = sumItems(items);
  if (wanted.size === 0) return [];
  const amountOf = await askPrices(deps, { db, now }, { cart, skus: [...wanted.keys()] });
  const fieldsOf = await newLineFields(db, items);
  return [...wanted].map(([sku, quantity]) => {
    const seenAmount = amountOf(sku, quantity);
    if (quantity > QUANTITY_MAX) throw limitReached();
    refuseTooDear(quantity, seenAmount);
    return { sku, quantity, seenAmount, customFields: fieldsOf(sku) };
  });
}

function rowsOf(row: CartRow, lines: CartLineRow[]) {
  const { id, customerId, email, currency, channel, version, createdAt, expiresAt } = row;
  return {
    id: toUuid(id),
    customerId: customerId && toUuid(customerId),
    email,
    currency,
    channel,
    version,
    createdAt: toTimestamp(createdAt),
    expiresAt: toTimestamp(expiresAt),
    lines: JSON.stringify(lines.map((line, place) => ({ ...line, place }))),
  };
}

const insertCart = prepared((_, value: ValueOf<ReturnType<typeof rowsOf> & KeyWithAnswer>) => {
  const at = sql`${value("createdAt")}::timestamptz`;
  return sql<{ id: string }>`
    with ${takesKey(value)},
    made as (
      insert into carts.cart (id, state, customer_id, email, currency, channel, version, created_at, updated_at, expires_at)
      select ${value("id")}::uuid, 'open', ${value("customerId")}::uuid, ${value("email")}::text, ${value("currency")}::text,
        ${value("channel")}::text, ${value("version")}::int, ${at}, ${at}, ${value("expiresAt")}::timestamptz
      from granted
      returning id
    ),
    lines as (
      insert into carts.cart_line (cart_id, sku, quantity, seen_amount, custom_fields)
      select made.id, l.sku, l.quantity, l."seenAmount", l."customFields" from made,
        jsonb_to_recordset(${value("lines")}::jsonb) as l(sku text, quantity int, "seenAmount" bigint,
          "customFields" jsonb, place int)
      order by l.place
    )
    select id from made`;
});

function tooManyLines() {
  const message = `at most ${LINES_PER_CART_MAX} lines`;
  return problem("validation_failed", { detail: `A cart holds ${message}.`, errors: [{ path: "items", message }] });
}
