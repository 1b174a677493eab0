/**
 * By language: words that say nothing about a product. They are left out of the index and, unless nothing else remains, of queries.
 * Languages that are missing have none.
 */
export const stopWords: Readonly<Record<string, string>> = {
  da: "af at de den det der en er et for fra i med og på som til uden ved",
  de: "als am an auf aus bei das dem den der des die ein eine einem einen einer für im in ist mit oder ohne und vom von zu zum zur",
  en: "a an and are as at be by compatible fits for from in into is it its my of on or our s that the their these this to w with without x your",
  es: "a al con de del el en es la las lo los o para por que sin su un una y",
  fi: "ilman ja kanssa on tai varten",
  fr: "a au aux avec ce dans de des du en est et l la le les ou par pour sans sur un une d",
  it: "a al alla con da dal dei del della delle di e ed gli i il in la le lo o per senza un una",
  nb: "av de den det en er et for fra i med og på som til uten ved",
  nl: "aan bij dat de een en het in is met of om op te uit van voor zonder",
  pl: "bez dla do i na o od oraz w z ze",
  pt: "a ao as com da das de do dos e em para por sem um uma os o",
  sv: "av de den det en ett för från i med och på som till utan vid är",
};

/** Of these, what leads to what a thing is for. */
export const complementWords: Readonly<Record<string, string>> = {
  da: "for med til uden fra",
  de: "für mit ohne von vom zum zur aus",
  en: "for with fits compatible w/ without by from",
  es: "para con sin por",
  fi: "ilman kanssa varten",
  fr: "pour avec sans par",
  it: "per con senza da",
  nb: "for med til uten fra",
  nl: "voor met zonder van",
  pl: "dla do bez z ze",
  pt: "para com sem por",
  sv: "för med till utan från",
};

/** Of these, what says that something is not there. */
export const withoutWords: Readonly<Record<string, string>> = {
  da: "uden",
  de: "ohne",
  en: "without",
  es: "sin",
  fi: "ilman",
  fr: "sans",
  it: "senza",
  nb: "uten",
  nl: "zonder",
  pl: "bez",
  pt: "sem",
  sv: "utan",
};
