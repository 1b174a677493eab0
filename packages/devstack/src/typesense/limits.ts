/** Largest body of a request, in bytes; larger imports come in batches. */
export const BODY_BYTES_MAX = 128 * 1024 * 1024;
/** Longest query string; what is longer belongs into /multi_search. */
export const QUERY_STRING_MAX = 4_000;
export const HITS_PER_PAGE_MAX = 250;
export const SEARCHES_PER_REQUEST_MAX = 50;
export const SORT_FIELDS_MAX = 3;
export const GROUP_LIMIT_MAX = 99;
export const FACET_VALUES_MAX = 10_000;
export const COLLECTIONS_MAX = 1_000;
export const FIELDS_MAX = 1_000;
export const DOCUMENTS_PER_COLLECTION_MAX = 1_000_000;
export const FILTER_LENGTH_MAX = 1_000_000;
export const FILTER_DEPTH_MAX = 100;
export const QUERY_TOKENS_MAX = 50;
/** Ways to rewrite one query by synonyms. */
export const SYNONYM_VARIANTS_MAX = 20;
