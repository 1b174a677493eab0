import { keys, type ProductTextsView, productTextsViewSchema, unpackEnvelope } from "@stoa/read-models";
import { z } from "zod";
import type { Store } from "../redis/store.ts";

const told = z.looseObject({ attributes: z.record(z.string(), z.unknown()).optional() });

/** What is told of these products otherwise in a language; products of which all is the same are missing. */
export async function readTexts(
  store: Store,
  language: string | null,
  ids: readonly string[],
): Promise<Map<string, ProductTextsView>> {
  const found = new Map<string, ProductTextsView>();
  if (language === null) return found;
  const texts = await store.mget(ids.map((id) => keys.texts(language, id)));
  texts.forEach((text, index) => {
    const model = text === null ? null : unpackEnvelope(text);
    const id = ids[index];
    if (model && id !== undefined) found.set(id, productTextsViewSchema.parse(JSON.parse(model.body)));
  });
  return found;
}

/** A product in the language of the texts. */
export function productIn(body: string, { attributes, ...texts }: ProductTextsView): string {
  const product = told.parse(JSON.parse(body));
  return JSON.stringify({ ...product, ...texts, attributes: { ...product.attributes, ...attributes } });
}

/** A product's summary in the language of the texts: the title is all that it says in words. */
export function summaryIn(body: string, { title }: ProductTextsView): string {
  return title === undefined ? body : JSON.stringify({ ...told.parse(JSON.parse(body)), title });
}

/** Keys of what a translated answer is made of besides. */
export function textKeys(language: string | null, ids: readonly string[]): string[] {
  return language === null ? [] : ids.map((id) => keys.texts(language, id));
}

/** What an answer that is told in a language says of itself. */
export function inLanguage(language: string | null): { readonly language?: string } {
  return language === null ? {} : { language };
}
