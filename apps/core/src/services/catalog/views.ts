import { type Instant, toTimestamp } from "@stoa/kernel";
import type { CategoryDocument } from "./category-document.ts";
import type { ChannelPlace, ListPrice, Price, ProductContent, ProductDocument, Variant } from "./documents.ts";
import type { MediaDocument } from "./media/media-document.ts";
import { MEDIA_URL_PREFIX } from "./media/media-library.ts";
import type { PriceListDocument } from "./price-lists/price-list.ts";
import type { ProductTypeDocument } from "./product-type.ts";
import type { SearchRuleDocument } from "./search-rules/search-rule.ts";

/** What every document here has, whatever it is of. */
interface StoredDocument {
  readonly _id: string;
  readonly revision: number;
  readonly dirty: boolean;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

type DocumentView<D extends StoredDocument> = D extends StoredDocument
  ? Omit<D, keyof StoredDocument> & {
      readonly id: D["_id"];
      readonly version: number;
      readonly createdAt: string;
      readonly updatedAt: string;
    }
  : never;

/** A document as staff see it: with its id and its version, and without what only the shop itself goes by. Any other times stay. */
export function documentView<D extends StoredDocument>(document: D): DocumentView<D> {
  const { _id: id, revision: version, dirty: _, createdAt, updatedAt, ...members } = document;
  const dates = { createdAt: toTimestamp(createdAt), updatedAt: toTimestamp(updatedAt) };
  return { id, ...members, version, ...dates } as unknown as DocumentView<D>;
}

/** A product as staff see it. Of its prices and its working draft it says what requests say of them. */
export function productView(product: ProductDocument) {
  const {
    listPrices = [],
    channels = [],
    working,
    ...content
  } = without(product, [
    ...(["searchText", "sortTitle", "importKey", "importHash"] as const),
    ...(["repriceAt", "listRepriceAt", "offeredSince"] as const),
  ]);
  return {
    ...documentView(content),
    ...placeView({ ...product, unpublishAt: product.unpublishAt ?? null }),
    variants: product.variants.map(variantView),
    channels: channels.map((place) => ({ ...placeView(place), code: place.code })),
    listPrices: listPrices.map(priceView<ListPrice>),
    working: working ? { ...working, patch: patchView(working.patch), savedAt: toTimestamp(working.savedAt) } : null,
  };
}

function placeView({ status, publishAt, unpublishAt, publishedAt }: ChannelPlace) {
  return { status, publishAt: told(publishAt), unpublishAt: told(unpublishAt), publishedAt: told(publishedAt) };
}

function variantView(variant: Variant) {
  return { ...variant, prices: variant.prices.map(priceView<Price>) };
}

function patchView({ variants, ...patch }: Partial<ProductContent>) {
  return { ...patch, ...(variants && { variants: variants.map(variantView) }) };
}

/** A price as requests say it, too. */
export function priceView<P extends Price>({ startsAt, endsAt, ...price }: P) {
  return {
    ...price,
    ...(startsAt !== undefined && { startsAt: toTimestamp(startsAt) }),
    ...(endsAt !== undefined && { endsAt: toTimestamp(endsAt) }),
  };
}

export function categoryView({ goneAt, ...category }: CategoryDocument) {
  return { ...documentView(category), ...(goneAt !== undefined && { goneAt: toTimestamp(goneAt) }) };
}

export function priceListView(list: PriceListDocument) {
  const { startsAt, endsAt, archivedAt } = list;
  const dates = { startsAt: told(startsAt), endsAt: told(endsAt), archivedAt: told(archivedAt) };
  return { ...documentView(without(list, ["checkAt", "removedAt"])), ...dates };
}

/** A type is known by its code. */
export function productTypeView(type: ProductTypeDocument) {
  const { id: code, ...view } = documentView(type);
  return { code, ...view };
}

type RuleView<R extends SearchRuleDocument> = R extends SearchRuleDocument
  ? DocumentView<Omit<R, "key" | "removed">>
  : never;

export function searchRuleView(rule: SearchRuleDocument) {
  return documentView(without(rule, ["key", "removed"])) as RuleView<SearchRuleDocument>;
}

export function mediaView({ _id: name, size, bytes, uploadedAt }: MediaDocument) {
  return { name, url: MEDIA_URL_PREFIX + name, size, bytes, uploadedAt: toTimestamp(uploadedAt) };
}

function without<T extends object, K extends keyof T>(whole: T, keys: readonly K[]): Omit<T, K> {
  const left: Partial<T> = { ...whole };
  for (const key of keys) delete left[key];
  return left as Omit<T, K>;
}

function told(at: Instant | null): string | null {
  return at === null ? null : toTimestamp(at);
}
