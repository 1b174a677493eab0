import { decode, decodeExact } from "../bson/codec.ts";
import { fieldNames, pickFields } from "../bson/raw.ts";
import type { Doc } from "../bson/values.ts";

/** A stored document: its place in the collection and its BSON, decoded when first asked for. */
export class StoredRecord {
  #document: Doc | null = null;

  constructor(
    /** Grows with every insert, so it is also the natural order. */
    readonly seq: number,
    readonly bytes: Uint8Array,
  ) {}

  /** Decoded for reading. Shared: whoever changes anything takes `fresh()` or `exact()`. */
  get document(): Doc {
    this.#document ??= decode(this.bytes);
    return this.#document;
  }

  /** A copy of its own, for code that may change what it is given. */
  fresh(): Doc {
    return decode(this.bytes);
  }

  /** A copy of its own with only those top-level fields, or with all of them for null. */
  part(fields: ReadonlySet<string> | null): Doc {
    if (fields === null) return this.fresh();
    return decode(pickFields(this.bytes, fieldNames(fields)));
  }

  /** A copy of its own with numbers in their BSON classes, for updates. */
  exact(): Doc {
    return decodeExact(this.bytes);
  }
}

/** Bounded by the size of the BSON: what is decoded takes about ten times that in memory. */
export class RecordCache {
  readonly #records = new Map<string, StoredRecord>();
  #bytes = 0;

  constructor(readonly bytesMax: number) {}

  get(collection: number, seq: number): StoredRecord | undefined {
    const key = `${collection}/${seq}`;
    const record = this.#records.get(key);
    if (record) {
      this.#records.delete(key);
      this.#records.set(key, record);
    }
    return record;
  }

  put(collection: number, record: StoredRecord): void {
    this.forget(collection, record.seq);
    if (record.bytes.length > this.bytesMax) return;
    this.#records.set(`${collection}/${record.seq}`, record);
    this.#bytes += record.bytes.length;
    for (const [key, oldest] of this.#records) {
      if (this.#bytes <= this.bytesMax) break;
      this.#records.delete(key);
      this.#bytes -= oldest.bytes.length;
    }
  }

  forget(collection: number, seq: number): void {
    const key = `${collection}/${seq}`;
    const record = this.#records.get(key);
    if (!record) return;
    this.#records.delete(key);
    this.#bytes -= record.bytes.length;
  }

  clear(): void {
    this.#records.clear();
    this.#bytes = 0;
  }
}
