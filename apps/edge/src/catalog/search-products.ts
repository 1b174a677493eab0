import { endpointById } from "@stoa/contract";
import { keys } from "@stoa/read-models";
import { etagOf } from "../http/etag.ts";
import { publicRoute } from "../http/public-read.ts";
import { namedFacets, readAttributes } from "./attributes.ts";
import { redirectFromFormerCategory } from "./former-category.ts";
import { listPolicy } from "./freshness.ts";
import { readProductPage } from "./product-page.ts";
import { facetsOf, highlightOf, MARK_END, MARK_START } from "./search-answer.ts";
import { readShop } from "./shop.ts";
import { itemsJson } from "./summaries.ts";

const FACET_VALUES_MAX = 100;

export const searchProducts = publicRoute(endpointById("search.products"), listPolicy, async (deps, { query, url }) => {
  const moved = await redirectFromFormerCategory(deps, url, query.category);
  if (moved) return moved;
  const { result, shown, nextCursor, total, madeOf, writtenAt } = await readProductPage(deps, query, {
    query_by: "title,brand,skus,categoryNames,attributeText,description",
    query_by_weights: "10,6,8,4,2,1",
    facet_by: "brand,categories,attributes,inStock",
    max_facet_values: FACET_VALUES_MAX,
    highlight_fields: "title,brand,description",
    highlight_full_fields: "title,brand",
    highlight_start_tag: MARK_START,
    highlight_end_tag: MARK_END,
  });
  const items = shown.map(({ hit, summary }) => {
    const highlight = JSON.stringify(highlightOf(hit.highlight ?? {}));
    return `${summary.slice(0, -1)},"highlight":${highlight}}`;
  });
  const [attributes, { locale }] = await Promise.all([readAttributes(deps), readShop(deps)]);
  const rest = { nextCursor, total, facets: namedFacets(facetsOf(result.facet_counts), attributes, locale) };
  const tookMs = Math.round(result.search_time_ms);
  // How long it took differs each time and says nothing about the answer, so the ETag is weak and leaves it out.
  const etag = `W/${etagOf(itemsJson(items, rest))}`;
  return { body: itemsJson(items, { ...rest, tookMs }), etag, madeOf: [...madeOf, keys.attributes()], writtenAt };
});
