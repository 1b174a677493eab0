import {
  AMOUNT_MAX,
  currencySchema,
  type Instant,
  idSchema,
  type PriceListId,
  type ProductId,
  storableText,
  textsSchema,
  timestampSchema,
} from "@stoa/kernel";
import { z } from "zod";
import { fieldValuesSchema } from "../../platform/custom-fields/index.ts";
import { line, memberName, skuSchema, slugSchema, textOrTexts } from "./names.ts";

export const VARIANTS_PER_PRODUCT_MAX = 250;
export const ATTRIBUTES_PER_PRODUCT_MAX = 300;
export const CATEGORIES_PER_PRODUCT_MAX = 20;
const MEDIA_MAX = 50;
const KIT_PARTS_MAX = 10;
const OPTIONS_MAX = 5;
const OPTION_VALUES_MAX = 250;
export const PRICES_PER_VARIANT_MAX = 100;

export const attributeCode = memberName(100).regex(/^[^=]+$/, { message: "must not contain =" });
const attributeText = storableText(10_000).min(1);

/** A typed attribute: what `type` says is what `value` is. */
export const attributeSchema = z.discriminatedUnion("type", [
  z.strictObject({
    code: attributeCode,
    type: z.literal("text"),
    value: attributeText,
    /** What shoppers of other languages read instead; filters go by the value. */
    texts: textsSchema(10_000).optional(),
  }),
  z.strictObject({ code: attributeCode, type: z.literal("number"), value: z.number() }),
  z.strictObject({ code: attributeCode, type: z.literal("boolean"), value: z.boolean() }),
  z.strictObject({ code: attributeCode, type: z.literal("list"), value: z.array(attributeText).min(1).max(100) }),
  z.strictObject({ code: attributeCode, type: z.literal("date"), value: z.iso.date() }),
  z.strictObject({
    code: attributeCode,
    type: z.literal("reference"),
    value: z.union([idSchema("prod"), idSchema("cat")]),
  }),
]);
export type Attribute = z.infer<typeof attributeSchema>;

const amountSchema = z.int().min(0).max(AMOUNT_MAX);

/** A price of one variant in one currency, in minor units, with the conditions under which it holds. */
export const priceSchema = z.strictObject({
  currency: currencySchema,
  amount: amountSchema,
  /** What it cost before, shown struck through; above `amount`. */
  compareAt: amountSchema.optional(),
  minQuantity: z.int().min(2).max(999).optional(),
  customerGroup: line(100).optional(),
  startsAt: timestampSchema.optional(),
  endsAt: timestampSchema.optional(),
});
export type Price = z.infer<typeof priceSchema>;

/** What a price list says of each of its prices. */
export interface ListTerms {
  readonly list: PriceListId;
  /** What people call the list. */
  readonly name: string;
  /** Codes of the groups it is for; absent: everybody. */
  readonly customerGroups?: readonly string[];
  /** Codes of the channels in which it holds; absent: all. */
  readonly channels?: readonly string[];
  /** The highest decides; a product's own prices have 0. */
  readonly priority: number;
}

/** A price that somebody may get: a variant's own, or one of a list's. */
export type OfferedPrice = Price & Partial<ListTerms>;

/** A list's price of one SKU, as it stands in the product. */
export type ListPrice = Price & ListTerms & { readonly sku: string };

export const mediaSchema = z.strictObject({
  /** An absolute http(s) URL, or a path below the shop's own media. */
  url: z
    .string()
    .max(2_000)
    .regex(/^(?:https?:\/\/|\/)[^\s"<>\\]+$/, { message: "must be an http(s) URL or an absolute path" }),
  alt: storableText(500),
});
export type Media = z.infer<typeof mediaSchema>;

export const optionSchema = z.strictObject({
  name: memberName(100),
  values: z.array(line(200)).min(1).max(OPTION_VALUES_MAX),
});

/** Units of another SKU that one unit of a kit is made of. */
export const kitPartSchema = z.strictObject({ sku: skuSchema, quantity: z.int().min(1).max(100) });

export const variantSchema = z.strictObject({
  sku: skuSchema,
  barcode: line(50).nullable().default(null),
  /** Option name → value; one entry for each option of the product. */
  options: z.record(z.string(), line(200)).default({}),
  /** What the product's type defines for each variant. */
  attributes: z.array(attributeSchema).max(ATTRIBUTES_PER_PRODUCT_MAX).optional(),
  prices: z.array(priceSchema).max(PRICES_PER_VARIANT_MAX),
  image: mediaSchema.nullable().default(null),
  weightGrams: z.int().min(0).max(100_000_000).nullable().default(null),
  dimensionsMm: z
    .strictObject({ length: z.int().min(0), width: z.int().min(0), height: z.int().min(0) })
    .nullable()
    .default(null),
  taxClass: line(50).default("standard"),
  trackInventory: z.boolean().default(true),
  /** A kit has no stock of its own: it is sold from that of its parts. Absent for everything else. */
  kit: z.array(kitPartSchema).min(1).max(KIT_PARTS_MAX).optional(),
  allowBackorder: z.boolean().default(false),
  /** What the shop's own fields of variants say of it. */
  customFields: fieldValuesSchema.optional(),
});
export type Variant = z.infer<typeof variantSchema>;

const contentMembers = {
  title: textsSchema(300).refine((texts) => Object.values(texts).some((text) => text.trim() !== ""), {
    message: "a title is needed in one locale at least",
  }),
  description: textsSchema(50_000),
  brand: line(100).nullable(),
  categoryIds: z.array(idSchema("cat")).max(CATEGORIES_PER_PRODUCT_MAX),
  /** Slugs of hand-picked groups; a group is nothing but its members. */
  collections: z.array(slugSchema).max(50),
  /** The product type whose definitions its attributes keep to; without one they are free. */
  typeCode: slugSchema.nullable().optional(),
  attributes: z.array(attributeSchema).max(ATTRIBUTES_PER_PRODUCT_MAX),
  media: z.array(mediaSchema).max(MEDIA_MAX),
  options: z.array(optionSchema).max(OPTIONS_MAX),
  variants: z.array(variantSchema).min(1).max(VARIANTS_PER_PRODUCT_MAX),
  /** What the shop's own fields of products say of it. */
  customFields: fieldValuesSchema.optional(),
  seo: z
    .strictObject({
      /** Empty, or missing in a language: the product's own. */
      title: textOrTexts(200),
      description: textOrTexts(500),
      /** Where the product's page is, when it is not where all are. */
      canonicalUrl: z
        .url({ protocol: /^https?$/ })
        .max(2_000)
        .nullable()
        .optional(),
      robots: z.enum(["index", "noindex"]).optional(),
    })
    .nullable(),
};

/** What staff and imports write of a product. */
export const productContentSchema = z.strictObject({
  ...contentMembers,
  description: contentMembers.description.default({}),
  brand: contentMembers.brand.default(null),
  categoryIds: contentMembers.categoryIds.default([]),
  collections: contentMembers.collections.default([]),
  attributes: contentMembers.attributes.default([]),
  media: contentMembers.media.default([]),
  options: contentMembers.options.default([]),
  seo: contentMembers.seo.default(null),
});
export type ProductContent = z.infer<typeof productContentSchema>;

/** Some members of a product, without defaults: what is left out is left as it is. */
export const productPatchSchema = z.strictObject(contentMembers).partial();

export const productStatuses = ["draft", "published", "archived"] as const;
export type ProductStatus = (typeof productStatuses)[number];

/** How a product stands in one channel. */
export interface ChannelPlace {
  readonly status: ProductStatus;
  /** Goes out there by itself at this time. */
  readonly publishAt: Instant | null;
  /** Goes off there by itself at this time. */
  readonly unpublishAt: Instant | null;
  /** First published there. */
  readonly publishedAt: Instant | null;
}

/** Members of a published product that are to be replaced, whole each, when the draft goes out. */
export interface WorkingDraft {
  readonly patch: Partial<ProductContent>;
  readonly savedAt: Instant;
  /** Why it did not go out at its hour; null while nothing speaks against it. */
  readonly problem: string | null;
}

/** A product as it lies in MongoDB. */
export interface ProductDocument extends ProductContent {
  readonly _id: ProductId;
  readonly slug: string;
  /** The present slug and every former one; unique over all products. */
  readonly slugs: readonly string[];
  readonly status: ProductStatus;
  /** A draft, or the working draft of a published product, goes out by itself at this time. */
  readonly publishAt: Instant | null;
  /** A published product goes off the shop by itself at this time. */
  readonly unpublishAt?: Instant | null;
  /** How it stands in other channels than the default one, of which the members above tell; it is a draft in those that are missing. */
  readonly channels?: readonly (ChannelPlace & { readonly code: string })[];
  /** What staff prepare behind a published product; shown nowhere. */
  readonly working?: WorkingDraft | null;
  /** What price lists say of its SKUs: written by them alone, so that no editor of the product can forget it. */
  readonly listPrices?: readonly ListPrice[];
  /** When one of those starts or ends next. */
  readonly listRepriceAt?: Instant | null;
  /** When a price starts or ends next: the product is then brought into the read models again. */
  readonly repriceAt: Instant | null;
  /** Since when it is offered at the public prices it has; since it was made, where nobody has changed them. See `keepOffers`. */
  readonly offeredSince?: Instant;
  /** First published. */
  readonly publishedAt: Instant | null;
  /** Lower-case title, brand, SKUs and barcodes, for the dashboard's search; MongoDB needs no collation then. */
  readonly searchText: string;
  /** Lower-case title in the first locale, for sorting. */
  readonly sortTitle: string;
  /** What an import knows the product by, and the hash of what it last wrote. */
  readonly importKey: string | null;
  readonly importHash: string | null;
  /** Grows with every write; also the version that editors check. */
  readonly revision: number;
  /** Set by every write, cleared by whoever has brought this very revision into the read models. */
  readonly dirty: boolean;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}
