import { type OrderId, problem } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { ActContext, OrdersDeps } from "../deps.ts";
import { order } from "../tables.ts";
import type { ExchangeWish } from "./exchange.ts";

/** @throws problem `sku_unknown` when somebody wants what the shop does not sell. */
export async function checkWish(
  { carts }: Pick<OrdersDeps, "carts">,
  { tx, now }: Pick<ActContext, "tx" | "now">,
  { orderId, exchangeFor }: { readonly orderId: OrderId; readonly exchangeFor?: ExchangeWish | undefined },
): Promise<void> {
  if (exchangeFor === undefined) return;
  const [row] = await tx
    .select({ currency: order.currency, channel: order.channel })
    .from(order)
    .where(eq(order.id, orderId));
  if (!row) throw problem("not_found");
  const skus = exchangeFor.map(({ sku }) => sku);
  const offers = await carts.findOffers({ skus, ...row, now });
  const unknown = skus.filter((sku) => !offers.has(sku));
  if (unknown.length > 0) throw problem("sku_unknown", { detail: `Not for sale: ${unknown.join(", ")}` });
}
