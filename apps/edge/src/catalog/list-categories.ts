import { endpointById } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { publicRoute } from "../http/public-read.ts";
import { catalogPolicy } from "./freshness.ts";
import { readModel } from "./read-model.ts";
import { inLanguage } from "./texts.ts";

export const listCategories = publicRoute(
  endpointById("categories.list"),
  catalogPolicy,
  async (deps, { language }) => {
    const own = keys.categories();
    const translated = language === null ? null : await readModel(deps.store, keys.categoriesIn(language));
    if (language !== null && translated) return { ...translated, madeOf: [own, keys.categoriesIn(language)], language };
    const model = await readModel(deps.store, own);
    if (!model) throw problem("service_unavailable", { detail: "The catalog is being made ready." });
    return {
      ...model,
      madeOf: [own, ...(language === null ? [] : [keys.categoriesIn(language)])],
      ...inLanguage(language),
    };
  },
);
