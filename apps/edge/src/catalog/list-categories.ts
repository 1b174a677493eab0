import { endpointById } from "@stoa/contract";
import { DEFAULT_CHANNEL, problem } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import { publicRoute } from "../http/public-read.ts";
import { channelOf } from "./channel.ts";
import { catalogPolicy } from "./freshness.ts";
import { readModel } from "./read-model.ts";
import { readShop } from "./shop.ts";
import { inLanguage } from "./texts.ts";

export const listCategories = publicRoute(
  endpointById("categories.list"),
  catalogPolicy,
  async (deps, { channel, language }) => {
    const wanted = await categoryTreeKeys(deps, channel, language);
    for (const key of wanted) {
      const model = await readModel(deps.store, key);
      if (model) return { ...model, madeOf: [keys.shop(), ...wanted], ...inLanguage(language) };
    }
    throw problem("service_unavailable", { detail: "The catalog is being made ready." });
  },
);

/** Where the tree lies, the one that is wanted most first: a language that is new has none yet. */
export async function categoryTreeKeys(deps: EdgeDeps, channel: string, language: string | null): Promise<string[]> {
  if (channel !== DEFAULT_CHANNEL) {
    const { locale } = channelOf(await readShop(deps), channel);
    return [keys.categoriesOf(channel, language ?? locale)];
  }
  return language === null ? [keys.categories()] : [keys.categoriesIn(language), keys.categories()];
}
