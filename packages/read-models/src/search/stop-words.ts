/** Words that say nothing about a product. They are left out of the index and, unless nothing else remains, of queries. */
export const stopWords: ReadonlySet<string> = new Set(
  "a an and are as at be by compatible fits for from in into is it its my of on or our s that the their these this to w with without x your".split(
    " ",
  ),
);
