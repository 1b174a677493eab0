export { analyse, fold } from "./analyse.ts";
export { commonSynonyms } from "./common-synonyms.ts";
export * from "./corpus.ts";
export * from "./highlight.ts";
export * from "./index-terms.ts";
export { countsToKnow, planQuery, type QueryPlan, queryKey, readQuery } from "./query.ts";
export { type Candidate, rankCandidates } from "./rank.ts";
export * from "./synonyms.ts";
