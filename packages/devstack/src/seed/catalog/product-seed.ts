import type { ColourName } from "../images/colours.ts";
import type { MotifName } from "../images/motifs.ts";

/** Units in the warehouse and in the store. */
export type Units = readonly [warehouse: number, store: number];

export interface SizeSeed {
  /** As a shopper reads it. */
  readonly name: string;
  /** What stands for it in the SKU. */
  readonly code: string;
  /** Cents that this size costs more than the smallest, in either currency. */
  readonly extra: number;
}

/** A product of the demo shop, written down by hand. */
export interface ProductSeed {
  /** SKU of the only variant, or what the SKUs of all variants begin with. */
  readonly sku: string;
  readonly title: string;
  readonly brand: string;
  readonly description: string;
  readonly motif: MotifName;
  /** Colours to choose from; with one there is nothing to choose. */
  readonly colours: readonly [ColourName, ...ColourName[]];
  /** Sizes to choose from, under their own name ("Size", "Length"). */
  readonly sizes?: { readonly option: string; readonly values: readonly SizeSeed[] };
  /** Cents. */
  readonly usd: number;
  readonly eur: number;
  /** What it cost before, in cents. */
  readonly was?: { readonly usd: number; readonly eur: number };
  readonly grams: number;
  /** Millimetres. */
  readonly box: readonly [length: number, width: number, height: number];
  readonly attributes: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly collections?: readonly string[];
  /** For each variant in turn: the sizes of the first colour, then those of the next. */
  readonly stock: readonly Units[];
  /** May be ordered although none is there. */
  readonly backorder?: true;
}
