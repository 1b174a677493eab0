import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { malformed, notFound, TypesenseError } from "./errors.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import type { Storage } from "./storage.ts";

const KIND = "key";
const NEVER_SECONDS = 64_723_363_199;
const DIGEST_LENGTH = 44;
const PREFIX_LENGTH = 4;

const keyShape = z.object({
  id: z.int(),
  value: z.string().min(1),
  actions: z.array(z.string()).min(1),
  collections: z.array(z.string()).min(1),
  description: z.string(),
  expires_at: z.int(),
});
type StoredKey = z.output<typeof keyShape>;

const newKeyShape = z.object({
  actions: z.array(z.string()).min(1),
  collections: z.array(z.string()).min(1),
  description: z.string(),
  value: z.string().min(1).max(200).optional(),
  expires_at: z.int().positive().optional(),
});

/** What the bearer of a key may do, and the search parameters that a scoped key forces on it. */
export interface Access {
  readonly actions: readonly string[];
  readonly collections: readonly string[];
  readonly embedded: JsonObject | null;
}

const EVERYTHING: Access = { actions: ["*"], collections: ["*"], embedded: null };

export const unauthorized = () =>
  new TypesenseError(401, "Forbidden - a valid `x-typesense-api-key` header must be sent.");

/** API keys: the one the server was started with may do everything; others what they were made for. */
export class Keys {
  readonly #keys = new Map<number, StoredKey>();

  constructor(
    private readonly storage: Storage,
    private readonly adminKey: string,
    private readonly now: () => number,
  ) {
    for (const body of storage.entries(KIND).values()) {
      const key = keyShape.parse(body);
      this.#keys.set(key.id, key);
    }
  }

  create(body: Json): JsonObject {
    const parsed = newKeyShape.safeParse(body);
    if (!parsed.success)
      throw malformed(`Bad JSON: \`${String(parsed.error.issues[0]?.path[0])}\` is missing or malformed.`);
    const value = parsed.data.value ?? randomBytes(24).toString("base64url");
    const id = Math.max(-1, ...this.#keys.keys()) + 1;
    const key: StoredKey = { ...parsed.data, id, value, expires_at: parsed.data.expires_at ?? NEVER_SECONDS };
    this.storage.putEntry(KIND, String(id), key);
    this.#keys.set(id, key);
    return key;
  }

  all(): readonly JsonObject[] {
    return [...this.#keys.values()].map(show);
  }

  need(id: string): JsonObject {
    return show(this.#find(id));
  }

  drop(id: string): JsonObject {
    const key = this.#find(id);
    this.storage.deleteEntry(KIND, id);
    this.#keys.delete(key.id);
    return { id: key.id };
  }

  /** What a key or a scoped search key opens; refused when it is neither, or has expired. */
  access(given: string): Access {
    if (equals(given, this.adminKey)) return EVERYTHING;
    for (const key of this.#keys.values()) {
      if (equals(given, key.value)) return { ...this.#live(key), embedded: null };
    }
    return this.#scoped(given);
  }

  /** `base64(base64(HMAC-SHA256(key, parameters)) + first four of the key + parameters)`. */
  #scoped(given: string): Access {
    const decoded = Buffer.from(given, "base64").toString("utf8");
    const digest = decoded.slice(0, DIGEST_LENGTH);
    const prefix = decoded.slice(DIGEST_LENGTH, DIGEST_LENGTH + PREFIX_LENGTH);
    const text = decoded.slice(DIGEST_LENGTH + PREFIX_LENGTH);
    for (const key of this.#keys.values()) {
      if (!key.value.startsWith(prefix) || text === "") continue;
      if (!equals(digest, createHmac("sha256", key.value).update(text).digest("base64"))) continue;
      const isSearchKey = key.actions.every((action) => action === "documents:search");
      const embedded = parseObject(text);
      if (!isSearchKey || embedded === null || Number(embedded.expires_at ?? NEVER_SECONDS) * 1000 <= this.now()) break;
      return { ...this.#live(key), embedded };
    }
    throw unauthorized();
  }

  #live(key: StoredKey): StoredKey {
    if (key.expires_at * 1000 <= this.now()) throw unauthorized();
    return key;
  }

  #find(id: string): StoredKey {
    const key = this.#keys.get(Number(id));
    if (!key) throw notFound();
    return key;
  }
}

/** Refuses what the key does not cover. Collections are named or described by a regular expression. */
export function demand(access: Access, action: string, collection: string | null): void {
  const [resource] = action.split(":");
  const mayAct = access.actions.some((allowed) => allowed === "*" || allowed === action || allowed === `${resource}:*`);
  const mayUse =
    collection === null || access.collections.some((allowed) => allowed === "*" || matches(allowed, collection));
  if (!mayAct || !mayUse) throw unauthorized();
}

function matches(pattern: string, name: string): boolean {
  if (pattern === name) return true;
  try {
    return new RegExp(`^(?:${pattern})$`).test(name);
  } catch {
    return false;
  }
}

function show({ value, ...key }: StoredKey): JsonObject {
  return { ...key, value_prefix: value.slice(0, PREFIX_LENGTH) };
}

function equals(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function parseObject(text: string): JsonObject | null {
  try {
    const value: Json = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
