import { commonSynonymGroups, keys, phraseOf, type SearchRulesView, type SynonymGroup } from "@stoa/read-models";
import type { CatalogSource, SearchRuleDocument } from "../services/catalog/index.ts";
import { oneAtATime } from "./locks.ts";
import type { SearchIndex } from "./search-index.ts";
import type { ReadModelStore } from "./store.ts";

export interface SearchRulesDeps {
  readonly store: ReadModelStore;
  readonly source: CatalogSource;
  readonly index: SearchIndex;
}

/**
 * Brings what the shop says about searches to the engine and to the edges. One process at a time, so that an older reading never
 * replaces a newer one; whoever comes meanwhile leaves it to the next sweep.
 */
export async function projectSearchRules(deps: SearchRulesDeps): Promise<void> {
  await oneAtATime(deps.store.redis, "search-rules", () => writeSearchRules(deps));
}

/** The same where somebody waits for it, e.g. before a collection is made that names the synonyms. */
export async function writeSearchRules({ store, source, index }: SearchRulesDeps): Promise<void> {
  const dirty = await source.dirtySearchRules();
  const view = searchRulesView(await source.searchRules());
  await index.putSynonyms(view.synonyms);
  const [changed] = await store.setTexts([{ key: keys.searchRules(), text: JSON.stringify(view) }]);
  if (changed) await store.invalidate([keys.searchRules()]);
  await source.settleSearchRules(dirty);
}

/** Whether the edges have yet to hear of a rule. */
export async function searchRulesAreStale({ store, source }: SearchRulesDeps): Promise<boolean> {
  if ((await source.dirtySearchRules()).length > 0) return true;
  return (await store.redis.exists(keys.searchRules())) === 0;
}

/** Rules as edges use them: the shop's groups, and the common ones without what is distinct here. */
export function searchRulesView(rules: readonly SearchRuleDocument[]): SearchRulesView {
  const distinct = new Set(
    rules.flatMap((rule) => (rule.kind === "distinct" ? phrasesOf(rule.phrases).map((one) => one.join("")) : [])),
  );
  const own = rules.flatMap((rule): SynonymGroup[] => {
    if (rule.kind !== "synonyms") return [];
    return [{ from: rule.from === null ? null : phraseOf(rule.from), phrases: phrasesOf(rule.phrases) }];
  });
  const isCommon = (phrase: readonly string[]) => !distinct.has(phrase.join(""));
  const common = commonSynonymGroups.flatMap(({ from, phrases }): SynonymGroup[] => {
    const kept = phrases.filter(isCommon);
    const says = from === null ? kept.length > 1 : kept.length > 0 && isCommon(from);
    return says ? [{ from, phrases: kept }] : [];
  });
  const curations = rules.flatMap((rule) =>
    rule.kind === "curation" && rule.key !== undefined
      ? [[rule.key, { pinned: [...rule.pinned] as string[], hidden: [...rule.hidden] as string[] }] as const]
      : [],
  );
  const plain = ({ from, phrases }: SynonymGroup) => ({
    from: from && [...from],
    phrases: phrases.map((phrase) => [...phrase]),
  });
  const synonyms = [...own.map(plain), ...common.map((group) => ({ ...plain(group), isCommon: true }))];
  return { synonyms, curations: Object.fromEntries(curations) };
}

function phrasesOf(texts: readonly string[]): (readonly string[])[] {
  return texts.flatMap((text) => {
    const phrase = phraseOf(text);
    return phrase ? [phrase] : [];
  });
}
