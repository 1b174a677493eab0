import { lineText, SKU_LENGTH_MAX } from "@stoa/kernel";
import { z } from "zod";
import { PROMOTION_CODE_LENGTH_MAX } from "./cart-shapes.ts";
import { SLUG_LENGTH_MAX } from "./catalog-shapes.ts";
import { text } from "./text.ts";

/** An id of one kind. A malformed one names nothing, so it answers 404 like a stranger's. */
function id(prefix: string) {
  return z.string().regex(new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`));
}

export const slugParams = z.object({ slug: text(SLUG_LENGTH_MAX) });
/** `1.xml` and so on. */
export const sitemapParams = z.object({ page: z.string().regex(/^[1-9]\d{0,5}\.xml$/) });
export const cartParams = z.object({ cartId: id("cart") });
export const cartItemParams = z.object({ cartId: id("cart"), sku: lineText(SKU_LENGTH_MAX) });
export const cartPromotionParams = z.object({ cartId: id("cart"), code: lineText(PROMOTION_CODE_LENGTH_MAX) });
export const cartGiftCardParams = z.object({ cartId: id("cart"), id: id("gft") });
export const orderParams = z.object({ orderId: id("ord") });
export const returnParams = z.object({ orderId: id("ord"), returnId: id("ret") });
/** What a payment link ends in; a malformed one is no link. */
export const paymentLinkParams = z.object({ token: z.string().regex(/^[\w-]{43}$/) });
export const orderDocumentParams = z.object({ orderId: id("ord"), id: id("inv") });
export const savedMethodParams = z.object({ id: id("spm") });
export const addressParams = z.object({ id: id("adr") });
