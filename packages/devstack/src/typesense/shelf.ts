import { notFound } from "./errors.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import type { Storage } from "./storage.ts";

/** Named things of one kind that are kept as they were given: sets of synonyms, presets, stop words… */
export class Shelf {
  readonly #items: Map<string, JsonObject>;
  /** Grows with every change. */
  version = 0;

  constructor(
    private readonly storage: Storage,
    private readonly kind: string,
  ) {
    const entries = [...storage.entries(kind)].filter((entry): entry is [string, JsonObject] => isObject(entry[1]));
    this.#items = new Map(entries);
  }

  get(name: string): JsonObject | undefined {
    return this.#items.get(name);
  }

  need(name: string): JsonObject {
    const item = this.#items.get(name);
    if (!item) throw notFound();
    return item;
  }

  all(): readonly JsonObject[] {
    return [...this.#items.values()];
  }

  /** Those whose name begins so, e.g. with the name of their collection. */
  under(prefix: string): readonly JsonObject[] {
    return this.#namesUnder(prefix).map((name) => this.need(name));
  }

  dropUnder(prefix: string): void {
    for (const name of this.#namesUnder(prefix)) this.drop(name);
  }

  put(name: string, item: Readonly<Record<string, Json>>): JsonObject {
    this.storage.putEntry(this.kind, name, item);
    this.#items.set(name, item);
    this.version += 1;
    return item;
  }

  drop(name: string): JsonObject {
    const item = this.need(name);
    this.storage.deleteEntry(this.kind, name);
    this.#items.delete(name);
    this.version += 1;
    return item;
  }

  #namesUnder(prefix: string): string[] {
    return [...this.#items.keys()].filter((name) => name.startsWith(prefix));
  }
}
