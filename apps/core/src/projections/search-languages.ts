import { keys } from "@stoa/read-models";
import { z } from "zod";
import { ownKeys } from "./own-keys.ts";
import type { RedisClient } from "./scripts.ts";
import type { IndexLanguages } from "./search-document.ts";
import type { Shop } from "./shop-view.ts";

const languagesSchema = z.object({ own: z.string(), further: z.array(z.string()) });

/** The languages that the shop has now. */
export function languagesOf({ view }: Shop): IndexLanguages {
  return { own: view.locale, further: view.locales.map(({ code }) => code).filter((code) => code !== view.locale) };
}

/** Languages of the counts; null is the shop's own. */
export function localesOf({ further }: IndexLanguages): (string | null)[] {
  return [null, ...further];
}

/** The languages that the index which is shown was built for, or null when none is known. */
export async function builtLanguages(redis: RedisClient): Promise<IndexLanguages | null> {
  const text = await redis.get(ownKeys.searchLanguages);
  return text === null ? null : languagesSchema.parse(JSON.parse(text));
}

/** Forgets what was counted in languages that the shop has no more. */
export async function forgetLanguages(redis: RedisClient, languages: IndexLanguages): Promise<void> {
  const before = await builtLanguages(redis);
  const gone = before?.further.filter((code) => !languages.further.includes(code)) ?? [];
  for (const code of gone) await redis.del(keys.searchCorpus(code));
}

/** Puts down what the index that is shown now was built for. */
export async function putLanguages(redis: RedisClient, languages: IndexLanguages): Promise<void> {
  await redis.set(ownKeys.searchLanguages, JSON.stringify(languages));
}

/** Whether the shop's languages have changed since the index was built. */
export async function languagesAreStale(redis: RedisClient, shop: Shop): Promise<boolean> {
  return JSON.stringify(await builtLanguages(redis)) !== JSON.stringify(languagesOf(shop));
}
