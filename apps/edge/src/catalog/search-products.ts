import { endpointById } from "@stoa/contract";
import { keys, termsWanted } from "@stoa/read-models";
import { z } from "zod";
import { etagOf } from "../http/etag.ts";
import { fallbacksOf } from "../http/language.ts";
import { publicRoute } from "../http/public-read.ts";
import { namedFacets, readAttributes } from "./attributes.ts";
import { redirectFromFormerCategory } from "./former-category.ts";
import { listPolicy } from "./freshness.ts";
import { markUp, type Wanted } from "./search-answer.ts";
import { noteSearch } from "./search-notes.ts";
import { readSearchPage } from "./search-page.ts";
import { readShop } from "./shop.ts";
import { itemsJson } from "./summaries.ts";
import { inLanguage } from "./texts.ts";

export const searchProducts = publicRoute(endpointById("search.products"), listPolicy, async (deps, call) => {
  const { query, url, channel, language } = call;
  const moved = await redirectFromFormerCategory(deps, url, query.category);
  if (moved) return moved;
  const page = await readSearchPage(deps, { query, channel, language });
  const { shown, nextCursor, total, madeOf, writtenAt, until } = page;
  deps.searched(total === 0 ? "nothing" : "found");
  await noteSearch(deps, query, { found: total });
  const wanted = { terms: termsWanted(page.plan), language: page.plan.language };
  const items = shown.map(({ summary }) => `${summary.slice(0, -1)},"highlight":${highlightOf(summary, wanted)}}`);
  const [attributes, shop] = await Promise.all([readAttributes(deps), readShop(deps)]);
  const locales = fallbacksOf(shop, language ?? shop.locale);
  const rest = { nextCursor, total, facets: namedFacets(page.facets, attributes, ...locales) };
  const tookMs = Math.round(page.engineMs);
  // How long it took differs each time and says nothing about the answer, so the ETag is weak and leaves it out.
  const etag = `W/${etagOf(itemsJson(items, rest))}`;
  return {
    body: itemsJson(items, { ...rest, tookMs }),
    etag,
    madeOf: [...madeOf, keys.attributes(), keys.searchRules()],
    writtenAt,
    ...(until !== undefined && { until }),
    ...inLanguage(language),
  };
});

const summarySchema = z.object({ title: z.string(), brand: z.string().nullish() });

/** JSON of what matched, by field. */
function highlightOf(summary: string, wanted: Wanted): string {
  const { title, brand } = summarySchema.parse(JSON.parse(summary));
  const marked = { title: markUp(title, wanted), brand: brand ? markUp(brand, wanted) : null };
  return JSON.stringify(Object.fromEntries(Object.entries(marked).filter(([, text]) => text !== null)));
}
