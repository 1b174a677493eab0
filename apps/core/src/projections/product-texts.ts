import { canonicalJson, isId, type Texts, textIn, textNear } from "@stoa/kernel";
import { type ProductTextsView, type ProductView, pageUrl, type SeoView } from "@stoa/read-models";
import {
  type CategoryTree,
  type ProductDocument,
  type ProductTypeDocument,
  pathTo,
} from "../services/catalog/index.ts";

/** About what search engines show of a page. */
const EXCERPT_LENGTH = 160;

export interface TextsContext {
  readonly tree: CategoryTree;
  /** Language of whatever is not translated. */
  readonly locale: string;
  /** Further languages, each with those that stand in for it. */
  readonly locales: readonly { readonly code: string; readonly fallbacks: readonly string[] }[];
  readonly productUrl: string | null;
  /** Slugs of the products that attributes lead to, by id. */
  readonly slugs: ReadonlyMap<string, string>;
  readonly types: ReadonlyMap<string, ProductTypeDocument>;
}

type Attributes = ProductDocument["attributes"];
type AllTexts = { [Name in keyof ProductTextsView]-?: Exclude<ProductTextsView[Name], undefined> };

/** All that is told of a product in the shop's own language. */
export function ownTexts(product: ProductDocument, context: TextsContext): AllTexts {
  return textsOf(product, context, [context.locale]);
}

/** What is told otherwise in each further language; languages in which all is the same are missing. */
export function translationsOf(product: ProductDocument, context: TextsContext): Record<string, ProductTextsView> {
  const own = ownTexts(product, context);
  return Object.fromEntries(
    context.locales.flatMap(({ code, fallbacks }): [string, ProductTextsView][] => {
      const texts = differing(own, textsOf(product, context, [code, ...fallbacks, context.locale]));
      return Object.keys(texts).length === 0 ? [] : [[code, texts]];
    }),
  );
}

/** Values by code. What leads to a product or a category is told by its slug, and left out when that is gone. */
export function attributeValues(
  attributes: Attributes,
  { tree, slugs }: Pick<TextsContext, "tree" | "slugs">,
  locales: readonly string[] = [],
): ProductView["attributes"] {
  return Object.fromEntries(
    attributes.flatMap((attribute): [string, ProductView["attributes"][string]][] => {
      if (attribute.type === "text") return [[attribute.code, translated(attribute, locales)]];
      if (attribute.type !== "reference") return [[attribute.code, attribute.value]];
      const { value: id } = attribute;
      const slug = isId("cat", id) ? tree.byId.get(id)?.slug : slugs.get(id);
      return slug === undefined ? [] : [[attribute.code, slug]];
    }),
  );
}

/** The last of the locales is the shop's own, in which the value itself stands. */
function translated({ value, texts = {} }: Attributes[number] & { type: "text" }, locales: readonly string[]): string {
  return nearest(texts, locales.slice(0, -1)) ?? value;
}

/** The text in the first of these locales that has one. */
function nearest(texts: Texts, locales: readonly string[]): string | null {
  for (const locale of locales) {
    const text = textNear(texts, locale);
    if (text !== null) return text;
  }
  return null;
}

function textsOf(product: ProductDocument, context: TextsContext, locales: readonly string[]): AllTexts {
  return {
    title: textIn(product.title, ...locales),
    description: textIn(product.description, ...locales),
    categories: categoriesOf(product, context, locales),
    attributes: attributeValues(product.attributes, context, locales),
    attributeLabels: labelsOf(product, context, locales),
    seo: seoOf(product, context, locales),
  };
}

/** Each category with all that stand above it, root first. */
function categoriesOf(product: ProductDocument, { tree }: TextsContext, locales: readonly string[]) {
  const found = new Map<string, { slug: string; name: string }>();
  for (const id of product.categoryIds) {
    for (const { slug, name } of pathTo(tree, id)) found.set(slug, { slug, name: textIn(name, ...locales) });
  }
  return [...found.values()];
}

function labelsOf(product: ProductDocument, { types }: TextsContext, locales: readonly string[]) {
  const type = types.get(product.typeCode ?? "");
  const used = new Set(
    [product.attributes, ...product.variants.map(({ attributes = [] }) => attributes)].flat().map(({ code }) => code),
  );
  return Object.fromEntries(
    (type?.attributes ?? []).flatMap((definition): [string, AllTexts["attributeLabels"][string]][] => {
      if (!used.has(definition.code)) return [];
      const label = textIn(definition.label, ...locales);
      const unit = definition.kind === "number" ? definition.unit : "";
      const choices = definition.kind === "choice" ? definition.choices : [];
      const named = choices.flatMap((choice): [string, string][] => {
        const name = textIn(choice.label, ...locales);
        return name === "" ? [] : [[choice.value, name]];
      });
      const told = {
        ...(label !== "" && { label }),
        ...(unit !== "" && { unit }),
        ...(named.length > 0 && { values: Object.fromEntries(named) }),
      };
      return Object.keys(told).length === 0 ? [] : [[definition.code, told]];
    }),
  );
}

function seoOf(product: ProductDocument, { productUrl }: TextsContext, locales: readonly string[]): SeoView {
  const { seo, slug, title, description } = product;
  const canonicalUrl = seo?.canonicalUrl ?? (productUrl && pageUrl(productUrl, slug, locales[0] ?? ""));
  return {
    title: wordsFor(seo?.title ?? "", title, locales),
    description: wordsFor(seo?.description ?? "", excerpts(description), locales),
    ...(canonicalUrl && { canonicalUrl }),
    robots: seo?.robots ?? "index",
  };
}

/**
 * In the first of these locales that has either: what is written for search engines, else what shoppers read there.
 * A plain text is in the shop's own language, which is the last of the locales.
 */
function wordsFor(written: string | Texts, read: Texts, locales: readonly string[]): string {
  const texts = typeof written === "string" ? { [locales.at(-1) ?? ""]: written } : written;
  for (const locale of locales) {
    const words = textNear(texts, locale) ?? textNear(read, locale);
    if (words !== null) return words;
  }
  return textIn(read);
}

function excerpts(texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).map(([locale, text]) => [locale, excerptOf(text)]));
}

/** The beginning of a text in one line, ended at a word. */
function excerptOf(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= EXCERPT_LENGTH) return line;
  const cut = line.slice(0, EXCERPT_LENGTH);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), EXCERPT_LENGTH / 2)).trimEnd()}…`;
}

function differing(own: AllTexts, texts: AllTexts): ProductTextsView {
  const attributes = Object.fromEntries(
    Object.entries(texts.attributes).filter(
      ([code, value]) => canonicalJson(own.attributes[code]) !== canonicalJson(value),
    ),
  );
  const old = new Map<string, unknown>(Object.entries({ ...own, attributes: {} }));
  return Object.fromEntries(
    Object.entries({ ...texts, attributes }).filter(
      ([name, value]) => canonicalJson(old.get(name)) !== canonicalJson(value),
    ),
  );
}
