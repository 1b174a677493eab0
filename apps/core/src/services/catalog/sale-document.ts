import type { ProductId } from "@stoa/kernel";

/** What a confirmed order sold, kept for recommendations only. */
export interface SaleDocument {
  /** The order's id: a message that comes twice counts once. */
  readonly _id: string;
  /** A BSON date, because the expiry index needs one. */
  readonly at: Date;
  readonly items: readonly { readonly productId: ProductId; readonly units: number }[];
}
