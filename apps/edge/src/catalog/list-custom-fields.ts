import { endpointById } from "@stoa/contract";
import { textIn } from "@stoa/kernel";
import { type CustomFieldView, customFieldViewSchema, keys } from "@stoa/read-models";
import { z } from "zod";
import { etagOf } from "../http/etag.ts";
import { fallbacksOf } from "../http/language.ts";
import { publicRoute } from "../http/public-read.ts";
import { catalogPolicy } from "./freshness.ts";
import { readModel } from "./read-model.ts";
import { readShop } from "./shop.ts";
import { inLanguage } from "./texts.ts";

/** The fields of one kind of thing, in the caller's language. A shop that has never defined any has none. */
export const listCustomFields = publicRoute(
  endpointById("customFields.list"),
  catalogPolicy,
  async (deps, { query, language }) => {
    const [shop, model] = await Promise.all([readShop(deps), readModel(deps.store, keys.customFields())]);
    const fields = model ? z.array(customFieldViewSchema).parse(JSON.parse(model.body)) : [];
    const locales = fallbacksOf(shop, language ?? shop.locale);
    const items = fields.filter(({ entity }) => entity === query.entity).map((field) => told(field, locales));
    const body = JSON.stringify({ items });
    return {
      body,
      etag: etagOf(body),
      madeOf: [keys.shop(), keys.customFields()],
      writtenAt: model?.writtenAt ?? null,
      ...inLanguage(language),
    };
  },
);

function told({ entity: _, label, help, choices, ...field }: CustomFieldView, locales: readonly string[]) {
  const helping = textIn(help, ...locales);
  return {
    ...field,
    label: textIn(label, ...locales),
    ...(helping !== "" && { help: helping }),
    ...(choices && {
      choices: choices.map((choice) => ({
        value: choice.value,
        label: textIn(choice.label, ...locales) || choice.value,
      })),
    }),
  };
}
