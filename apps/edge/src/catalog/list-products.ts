import { endpointById } from "@stoa/contract";
import { etagOf } from "../http/etag.ts";
import { publicRoute } from "../http/public-read.ts";
import { redirectFromFormerCategory } from "./former-category.ts";
import { listPolicy } from "./freshness.ts";
import { readProductPage } from "./product-page.ts";
import { itemsJson } from "./summaries.ts";
import { inLanguage } from "./texts.ts";

export const listProducts = publicRoute(
  endpointById("products.list"),
  listPolicy,
  async (deps, { query, url, channel, language }) => {
    const moved = await redirectFromFormerCategory(deps, url, query.category);
    if (moved) return moved;
    const { shown, nextCursor, total, madeOf, writtenAt, until } = await readProductPage(deps, {
      query,
      channel,
      language,
    });
    const body = itemsJson(
      shown.map(({ summary }) => summary),
      { nextCursor, total },
    );
    const ends = until !== undefined && { until };
    return { body, etag: etagOf(body), madeOf, writtenAt, ...ends, ...inLanguage(language) };
  },
);
