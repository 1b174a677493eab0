import { currencySchema } from "@stoa/kernel";
import {
  fieldIn,
  PRODUCTS_ALIAS,
  priceField,
  type SearchDocument,
  type SynonymGroup,
  searchFieldNames,
  termFields,
} from "@stoa/read-models";
import { patience } from "@stoa/runtime";
import { Client, Errors } from "typesense";
import { z } from "zod";
import type { IndexPrices } from "./search-prices.ts";

const RETRIES = 1;
const IMPORT_BATCH = 500;
const ERROR_LENGTH_MAX = 300;
/** Ids in one filter: it travels in the URL. */
const DELETE_BATCH = 50;

export interface SearchOptions {
  readonly url: string;
  readonly apiKey: string;
  /** The alias that edge searches; another one in tests. */
  readonly alias?: string;
}

/** There is no collection behind the alias: nothing was ever indexed, or Typesense has lost it. A rebuild makes one. */
export class SearchIndexMissing extends Error {
  override readonly name = "SearchIndexMissing";
}

/** The search index: one alias, behind it the collection that is shown, at times beside it one that is being filled. */
export class SearchIndex {
  readonly alias: string;
  readonly #client: Client;

  constructor(options: SearchOptions) {
    this.alias = options.alias ?? PRODUCTS_ALIAS;
    const { hostname, port, protocol, pathname } = new URL(options.url);
    const scheme = protocol.replace(":", "");
    this.#client = new Client({
      nodes: [
        {
          host: hostname,
          port: Number(port || (scheme === "https" ? 443 : 80)),
          protocol: scheme,
          path: pathname.replace(/\/$/, ""),
        },
      ],
      apiKey: options.apiKey,
      connectionTimeoutSeconds: patience.typesenseInCore.answerSeconds,
      numRetries: RETRIES,
      retryIntervalSeconds: 0.2,
      logLevel: "silent",
    });
  }

  /** The collection that is shown, or null when there is none yet. */
  async current(): Promise<string | null> {
    try {
      return (await this.#client.aliases(this.alias).retrieve()).collection_name;
    } catch (error) {
      if (error instanceof Errors.ObjectNotFound) return null;
      throw error;
    }
  }

  /** Replaces the words that mean the same, for every collection of the alias. */
  async putSynonyms(groups: readonly SynonymGroup[]): Promise<void> {
    const items = groups.map(({ from, phrases }, index) => ({
      id: `group-${index}`,
      ...(from && { root: from.join(" ") }),
      // "hair dryer" may be written in one word as well.
      synonyms: [...new Set(phrases.flatMap((phrase) => [phrase.join(" "), phrase.join("")]))],
    }));
    await this.#client.synonymSets(this.alias).upsert({ items });
  }

  /** An empty collection beside the one that is shown, for further languages and the prices of further channels as well. Its synonyms must have been put before. */
  async create(name: string, locales: readonly string[] = [], prices: IndexPrices = {}): Promise<void> {
    await this.#client.collections().create({
      name,
      fields: [...collectionFields, ...locales.flatMap(fieldsIn), ...priceFieldsFor(prices)],
      enable_nested_fields: true,
      symbols_to_index: ["."],
      synonym_sets: [this.alias],
    });
  }

  /** Shows this collection from now on. */
  async show(name: string): Promise<void> {
    await this.#client.aliases().upsert(this.alias, { collection_name: name });
  }

  /** Drops every collection of the alias but this one. */
  async dropOthers(name: string): Promise<void> {
    for (const other of await this.collections()) {
      if (other !== name) await this.drop(other);
    }
  }

  /** Collections made for this alias, whether shown or left behind. */
  async collections(): Promise<string[]> {
    const all = await this.#client.collections().retrieve();
    return all.map((collection) => collection.name).filter((name) => name.startsWith(`${this.alias}_`));
  }

  async drop(name: string): Promise<void> {
    try {
      await this.#client.collections(name).delete();
    } catch (error) {
      if (!(error instanceof Errors.ObjectNotFound)) throw error;
    }
  }

  /** Writes documents into a collection or, by default, into the one that is shown. @throws when one is refused. */
  async upsert(documents: readonly SearchDocument[], collection: string = this.alias): Promise<void> {
    for (let start = 0; start < documents.length; start += IMPORT_BATCH) {
      const batch = documents.slice(start, start + IMPORT_BATCH);
      await this.#brief(() =>
        this.#client.collections<SearchDocument>(collection).documents().import(batch, { action: "upsert" }),
      );
    }
  }

  /** Takes products out of a collection or, by default, out of the one that is shown; those that are not in it do no harm. */
  async remove(ids: readonly string[], collection: string = this.alias): Promise<void> {
    for (let start = 0; start < ids.length; start += DELETE_BATCH) {
      const batch = ids.slice(start, start + DELETE_BATCH);
      const filter = `id:[${batch.map((id) => `\`${id}\``).join(",")}]`;
      await this.#brief(() => this.#client.collections(collection).documents().delete({ filter_by: filter }));
    }
  }

  /** The client's errors carry every document that was sent; what is told on is one line. */
  async #brief<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof Errors.ObjectNotFound) throw new SearchIndexMissing(`${this.alias} leads nowhere`);
      const refused = error instanceof Errors.ImportError ? error.importResults.find(({ success }) => !success) : null;
      const message = refused?.error ?? (error instanceof Error ? error.message : String(error));
      throw new Error(`the search index refused: ${message.slice(0, ERROR_LENGTH_MAX)}`);
    }
  }

  /** Every document of the collection that is shown, for comparing. */
  async documents(): Promise<SearchDocument[]> {
    const lines = await this.#client.collections(this.alias).documents().export();
    return lines
      .split("\n")
      .filter(Boolean)
      .map((line) => z.custom<SearchDocument>((value) => typeof value === "object").parse(JSON.parse(line)));
  }
}

/**
 * Analysed fields hold terms with blanks between, a decimal point being part of some, so the engine's own analysis leaves them as
 * they are. Prices are named one by one: a nested number can be sorted by only when the schema knows it.
 */
const collectionFields = [
  { name: "slug", type: "string" as const, index: false, optional: true },
  { name: "title", type: "string" as const, index: false, optional: true },
  ...searchFieldNames.map((name) => ({ name, type: "string" as const })),
  { name: "heads", type: "string" as const, index: false, optional: true },
  { name: "kindHeads", type: "string" as const, index: false, optional: true },
  { name: "kind", type: "string" as const, index: false, optional: true },
  { name: "brand", type: "string" as const, facet: true },
  { name: "categories", type: "string[]" as const, facet: true },
  { name: "attributes", type: "string[]" as const, facet: true },
  { name: "channels", type: "string[]" as const },
  ...currencySchema.options.map((currency) => ({
    name: priceField(currency, null),
    type: "int64" as const,
    facet: true,
    optional: true,
  })),
  { name: "inStock", type: "bool" as const, facet: true },
  { name: "publishedAt", type: "int64" as const },
  { name: "sold", type: "int32" as const },
];

function priceFieldsFor(prices: IndexPrices) {
  return Object.entries(prices).flatMap(([channel, currencies]) =>
    currencies.map((currency) => ({ name: priceField(currency, channel), type: "int64" as const, optional: true })),
  );
}

function fieldsIn(locale: string) {
  const names = new Set<string>(searchFieldNames);
  return termFields
    .filter((name) => fieldIn(name, locale) !== name)
    .map((name) => {
      const field = { name: fieldIn(name, locale), type: "string" as const, optional: true };
      return names.has(name) ? field : { ...field, index: false };
    });
}
