import type { Collection } from "./collection.ts";
import { notFound } from "./errors.ts";
import { isArray, type JsonObject } from "./json.ts";
import { Keys } from "./keys.ts";
import { Registry } from "./registry.ts";
import { type Curation, curationShape } from "./search/curation.ts";
import type { SearchScope } from "./search/search.ts";
import { type Synonym, synonymShape } from "./search/synonyms.ts";
import { Shelf } from "./shelf.ts";
import { Storage } from "./storage.ts";
import { words } from "./tokens.ts";

/** Everything the server knows, loaded from disk when it is made. */
export class Engine {
  readonly storage: Storage;
  readonly registry: Registry;
  readonly keys: Keys;
  readonly synonymSets: Shelf;
  readonly curationSets: Shelf;
  /** Synonyms and overrides of one collection, `<collection>/<id>`: how it was done before there were sets. */
  readonly synonyms: Shelf;
  readonly overrides: Shelf;
  readonly presets: Shelf;
  readonly stopwords: Shelf;
  readonly analyticsRules: Shelf;
  readonly startedAt: number;
  /** What a search takes into account. */
  readonly #shelves: readonly Shelf[];

  constructor(
    dataDir: string | null,
    apiKey: string,
    readonly now: () => number,
  ) {
    this.startedAt = now();
    this.storage = new Storage(dataDir);
    this.registry = new Registry(this.storage, now);
    this.keys = new Keys(this.storage, apiKey, now);
    const shelf = (kind: string) => new Shelf(this.storage, kind);
    this.synonymSets = shelf("synonym_set");
    this.curationSets = shelf("curation_set");
    this.synonyms = shelf("synonym");
    this.overrides = shelf("override");
    this.presets = shelf("preset");
    this.stopwords = shelf("stopwords");
    this.analyticsRules = shelf("analytics_rule");
    this.#shelves = [this.synonymSets, this.curationSets, this.synonyms, this.overrides, this.stopwords];
  }

  /** What a search in this collection takes into account beside its documents. */
  scope(collection: Collection, synonymSets: readonly string[], stopwords: string | undefined): SearchScope {
    const { record } = collection.schema;
    const setNames = [...record.synonymSets, ...synonymSets];
    return {
      collection,
      synonyms: [...this.synonyms.under(`${collection.name}/`), ...itemsOf(this.synonymSets, setNames)].map(
        (item): Synonym => synonymShape.parse(item),
      ),
      curations: [
        ...this.overrides.under(`${collection.name}/`),
        ...itemsOf(this.curationSets, record.curationSets),
      ].map((item): Curation => curationShape.parse(item)),
      stopwords: this.#stopwords(stopwords),
      version: this.#shelves.reduce((sum, { version }) => sum + version, 0),
      now: this.now,
    };
  }

  #stopwords(name: string | undefined): ReadonlySet<string> {
    if (name === undefined || name === "") return new Set();
    const list = this.stopwords.get(name)?.stopwords;
    if (!isArray(list)) throw notFound(`Could not find the stopword set named \`${name}\`.`);
    return new Set(list.flatMap((word) => words(String(word))));
  }
}

function itemsOf(shelf: Shelf, names: readonly string[]): JsonObject[] {
  return names.flatMap((name) => {
    const items = shelf.get(name)?.items;
    return isArray(items) ? items.map((item) => item as JsonObject) : [];
  });
}
