import * as shapes from "./catalog-shapes.ts";
import * as fields from "./custom-field-shapes.ts";
import { endpoint } from "./endpoint.ts";
import { sitemapParams, slugParams } from "./params.ts";

const everybody = { tag: "catalog", method: "GET", auth: "none", rateClass: "read", cache: "public" } as const;
const plain = { ...everybody, idempotency: "none" } as const;

const movedCategory = {
  301: { description: "A former slug of a category; Location asks for the present one", schema: null },
} as const;

export const catalogEndpoints = [
  endpoint({
    ...plain,
    id: "channel.get",
    path: "/v1/channel",
    summary: "The sales channel that the caller is in: what it offers, and how its prices are meant",
    answers: { 200: { description: "The channel", schema: shapes.salesChannel } },
    problems: [],
  }),
  endpoint({
    ...plain,
    id: "categories.list",
    path: "/v1/categories",
    summary: "The tree of categories",
    query: shapes.categoryQuery,
    answers: { 200: { description: "The tree", schema: shapes.categoryTree } },
    problems: [],
  }),
  endpoint({
    ...plain,
    id: "products.list",
    path: "/v1/products",
    summary: "Products by filter, a page at a time",
    query: shapes.productListQuery,
    answers: { 200: { description: "A page", schema: shapes.productPage }, ...movedCategory },
    problems: ["currency_mismatch"],
  }),
  endpoint({
    ...plain,
    id: "products.get",
    path: "/v1/products/{slug}",
    summary: "One product",
    params: slugParams,
    query: shapes.productQuery,
    answers: {
      200: { description: "The product", schema: shapes.product },
      301: { description: "A former slug; Location holds the present one", schema: null },
    },
    problems: ["not_found", "currency_mismatch"],
  }),
  endpoint({
    ...plain,
    id: "products.recommendations",
    path: "/v1/products/{slug}/recommendations",
    summary: "Products that go with this one; bestsellers where nothing is known",
    params: slugParams,
    query: shapes.recommendationQuery,
    answers: { 200: { description: "Products, best first", schema: shapes.recommendations } },
    problems: ["not_found", "currency_mismatch"],
  }),
  endpoint({
    ...plain,
    id: "search.products",
    path: "/v1/search",
    summary: "Full-text search with facets",
    query: shapes.searchQuery,
    answers: { 200: { description: "A page of hits", schema: shapes.searchPage }, ...movedCategory },
    problems: ["currency_mismatch"],
  }),
  endpoint({
    ...plain,
    id: "search.suggest",
    path: "/v1/search/suggest",
    summary: "What a text may become: products, queries, categories, brands",
    query: shapes.suggestQuery,
    answers: { 200: { description: "Suggestions", schema: shapes.suggestions } },
    problems: [],
  }),
  endpoint({
    ...plain,
    id: "customFields.list",
    path: "/v1/custom-fields",
    summary: "The shop's own fields of something, as far as shoppers meet them: for forms and labels",
    query: fields.customFieldQuery,
    answers: { 200: { description: "The fields, in their order", schema: fields.customFieldList } },
    problems: [],
  }),
  endpoint({
    ...plain,
    id: "sitemap.index",
    path: "/sitemap.xml",
    summary: "The index of the shop's sitemaps",
    answers: { 200: { description: "A sitemap index (sitemaps.org)", schema: null, contentType: "application/xml" } },
    problems: [],
  }),
  endpoint({
    ...plain,
    id: "sitemap.page",
    path: "/sitemap-{page}",
    summary: "One sitemap of the index: pages of products and categories, with their languages",
    params: sitemapParams,
    answers: { 200: { description: "A sitemap (sitemaps.org)", schema: null, contentType: "application/xml" } },
    problems: ["not_found"],
  }),
  endpoint({
    ...plain,
    id: "stock.list",
    path: "/v1/stock",
    summary: "What is left of up to 100 SKUs; unknown SKUs are left out",
    query: shapes.stockQuery,
    answers: { 200: { description: "Stock by SKU", schema: shapes.stockList } },
    problems: [],
  }),
] as const;
