import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { formatFloat, parseFloatStrict } from "./arguments.ts";
import { encodeReply } from "./reply.ts";
import { SortedSet } from "./sorted-set.ts";
import type { Store, Value } from "./store.ts";
import { decodeStream, encodeStream } from "./stream-text.ts";

const HEADER = ["STOA-REDIS", "1"] as const;
const END = "END";
const FLUSH_LENGTH = 4 * 1024 * 1024;

/** A snapshot file: RESP arrays, one a key, between a header and a record that counts them. */
export class SnapshotFile {
  readonly #path: string;
  readonly #draft: string;

  constructor(private readonly folder: string) {
    this.#path = join(folder, "redis.snapshot");
    this.#draft = join(folder, "redis.snapshot.draft");
  }

  /** Writes all databases as they are at this moment; a crash midway leaves the former snapshot in place. */
  async save(databases: readonly Store[]): Promise<void> {
    const parts = encodeDatabases(databases);
    await mkdir(this.folder, { recursive: true });
    const file = await open(this.#draft, "w");
    try {
      for (const part of parts) await file.appendFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(this.#draft, this.#path);
  }

  /** Fills the databases. Does nothing without a snapshot, or with one that is not whole. */
  async load(databases: readonly Store[]): Promise<void> {
    await rm(this.#draft, { force: true });
    const bytes = await readFile(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    const records = bytes ? decodeRecords(bytes.toString("latin1")) : null;
    for (const record of records ?? []) restore(databases, record);
  }
}

/** Encoded in one go, so that the snapshot shows one moment. */
function encodeDatabases(databases: readonly Store[]): Buffer[] {
  const parts: Buffer[] = [];
  let text = encodeReply(HEADER);
  let count = 0;
  for (const [database, store] of databases.entries()) {
    for (const key of store.keys()) {
      const value = store.find(key);
      if (!value) continue;
      count += 1;
      text += encodeReply([String(database), key, String(store.expiry(key) ?? ""), value.type, ...encodeValue(value)]);
      if (text.length < FLUSH_LENGTH) continue;
      parts.push(Buffer.from(text, "latin1"));
      text = "";
    }
  }
  parts.push(Buffer.from(text + encodeReply([END, String(count)]), "latin1"));
  return parts;
}

function encodeValue(value: Value): readonly string[] {
  switch (value.type) {
    case "string":
      return [value.data];
    case "list":
      return value.data;
    case "set":
      return [...value.data];
    case "hash":
      return [...value.data].flat();
    case "zset":
      return [...value.data.entries()].flatMap(([member, score]) => [member, formatFloat(score)]);
    case "stream":
      return [encodeStream(value.data)];
  }
}

function decodeValue(type: string, words: readonly string[]): Value | null {
  switch (type) {
    case "string":
      return { type, data: words[0] ?? "" };
    case "list":
      return { type, data: [...words] };
    case "set":
      return { type, data: new Set(words) };
    case "hash":
      return { type, data: new Map(pairs(words)) };
    case "zset": {
      const data = new SortedSet();
      for (const [member, score] of pairs(words)) data.set(member, parseFloatStrict(score));
      return { type, data };
    }
    case "stream":
      return { type, data: decodeStream(words[0] ?? "") };
    default:
      return null;
  }
}

function* pairs(words: readonly string[]): IterableIterator<[string, string]> {
  for (let at = 0; at + 1 < words.length; at += 2) yield [words[at] ?? "", words[at + 1] ?? ""];
}

function restore(databases: readonly Store[], record: readonly string[]): void {
  const [database = "", key = "", expiry = "", type = "", ...words] = record;
  const store = databases[Number(database)];
  const value = decodeValue(type, words);
  if (!store || !value || (expiry !== "" && Number(expiry) <= store.now())) return;
  store.put(key, value);
  if (expiry !== "") store.expireAt(key, Number(expiry));
}

/** The records between header and end; null when the text is no whole snapshot. */
function decodeRecords(text: string): string[][] | null {
  const records: string[][] = [];
  let at = 0;
  const line = () => {
    const end = text.indexOf("\r\n", at);
    const found = end < 0 ? "" : text.slice(at + 1, end);
    at = end < 0 ? text.length : end + 2;
    return Number(found);
  };
  while (at < text.length) {
    const record: string[] = [];
    for (let left = line(); left > 0 && at < text.length; left -= 1) {
      const length = line();
      record.push(text.slice(at, at + length));
      at += length + 2;
    }
    records.push(record);
  }
  const header = records.shift();
  const end = records.pop();
  const isWhole = header?.join() === HEADER.join() && end?.[0] === END && Number(end[1]) === records.length;
  return isWhole ? records : null;
}
