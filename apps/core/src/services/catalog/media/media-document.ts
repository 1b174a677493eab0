import type { Instant } from "@stoa/kernel";

/** A picture of the shop's own. Its file lies in the media store under the same name. */
export interface MediaDocument {
  /** Hash of its content, and what it is: `<32 hex digits>.webp`. */
  readonly _id: string;
  /** In pixels; null when nobody has looked, as for what an import brought. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly bytes: number;
  readonly uploadedAt: Instant;
  /** When it was last brought in, or known to be named by a product; see `sweepMedia`. */
  readonly seenAt: Instant;
}
