import type { Binary, Code, ObjectId, Timestamp } from "bson";
import { MongoError } from "../errors.ts";
import { binaryBytes, type Doc, isDecimal, plainNumber, RANK, rankOf, regexParts } from "./values.ts";

/** Ranks stand this far apart in first bytes, which leaves room for the end of a list and for "empty array". */
const RANK_STEP = 16;
const RANK_BASE = 8;

/** An empty array is indexed as undefined, which sorts below null. */
const EMPTY_ARRAY_BYTE = RANK.null * RANK_STEP + RANK_BASE - 1;

const LIST_END = 0;
const TEXT_END = 1;
const ZERO_ESCAPE = 0xff;
const LONG_BIAS = 0x8000;
const NAN_BYTES = new Uint8Array(8);

/** Marks the place of an empty array among the values of an index key. */
export const EMPTY_ARRAY: unique symbol = Symbol("empty array");

/** The byte every encoded value of this rank starts with. */
export function rankByte(rank: number): number {
  return rank * RANK_STEP + RANK_BASE;
}

/**
 * Values as bytes whose order is MongoDB's order of the values. Each encoded value ends by itself,
 * so that encodings can be joined into keys of several fields.
 */
class KeyWriter {
  #bytes = Buffer.allocUnsafe(128);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Zero bytes inside are escaped, so that the end sorts before every continuation. */
  text(value: string): void {
    this.#reserve(value.length * 3 + 2);
    const written = this.#bytes.write(value, this.#length, "utf8");
    const at = this.#length;
    this.#length += written;
    if (value.includes("\0")) this.#escapeZeros(at);
    this.byte(0);
    this.byte(TEXT_END);
  }

  #escapeZeros(from: number): void {
    const plain = Buffer.from(this.#bytes.subarray(from, this.#length));
    this.#length = from;
    for (const byte of plain) {
      this.byte(byte);
      if (byte === 0) this.byte(ZERO_ESCAPE);
    }
  }

  double(value: number): void {
    this.#reserve(8);
    this.#bytes.writeDoubleBE(value, this.#length);
    // Positive numbers get the top bit, negative ones are turned round, and the bytes sort like the numbers.
    const first = this.#bytes[this.#length] ?? 0;
    if (first & 0x80) for (let at = 0; at < 8; at++) this.#flip(this.#length + at);
    else this.#bytes[this.#length] = first | 0x80;
    this.#length += 8;
  }

  bigUint64(value: bigint): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeBigUInt64BE(BigInt.asUintN(64, value), this.#length);
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32BE(value, this.#length);
  }

  uint16(value: number): void {
    this.#reserve(2);
    this.#length = this.#bytes.writeUInt16BE(value, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  /** Turns the bytes from there on round, for a descending field. */
  invertFrom(start: number): void {
    for (let at = start; at < this.#length; at++) this.#flip(at);
  }

  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  takeText(): string {
    const taken = this.#bytes.toString("latin1", 0, this.#length);
    this.#length = 0;
    return taken;
  }

  reset(): void {
    this.#length = 0;
  }

  #flip(at: number): void {
    this.#bytes[at] = 0xff ^ (this.#bytes[at] ?? 0);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

// One writer serves every key, because encoding never waits.
const writer = new KeyWriter();

/**
 * Joins the values into one key; a field of direction -1 sorts the other way.
 * @throws CannotBuildIndexKeys for Decimal128, whose exact order these keys cannot keep.
 */
export function encodeKey(values: readonly unknown[], directions: readonly (1 | -1)[] = []): Buffer {
  write(values, directions);
  return writer.take();
}

/** The same key with a character for each byte: it sorts alike, takes less memory and can be looked up in a map. */
export function encodeKeyText(values: readonly unknown[], directions: readonly (1 | -1)[] = []): string {
  write(values, directions);
  return writer.takeText();
}

/** A string that is equal for equal values only, to group and to compare by. */
export function keyText(value: unknown): string {
  return encodeKeyText([value]);
}

function write(values: readonly unknown[], directions: readonly (1 | -1)[]): void {
  writer.reset();
  for (const [at, value] of values.entries()) {
    const start = writer.length;
    writeValue(value);
    if (directions[at] === -1) writer.invertFrom(start);
  }
}

function writeValue(value: unknown): void {
  if (value === EMPTY_ARRAY) {
    writer.byte(EMPTY_ARRAY_BYTE);
    return;
  }
  const rank = rankOf(value);
  writer.byte(rankByte(rank));
  CONTENT_WRITERS[rank]?.(value);
}

/** Writes what follows the type, by rank; a type without content is missing. */
const CONTENT_WRITERS: Readonly<Record<number, (value: unknown) => void>> = {
  [RANK.number]: writeNumber,
  [RANK.string]: (value) => writer.text(String(value)),
  [RANK.object]: (value) => writeDoc(value as Doc),
  [RANK.array]: (value) => {
    for (const item of value as unknown[]) writeValue(item);
    writer.byte(LIST_END);
  },
  [RANK.binary]: (value) => {
    const bytes = binaryBytes(value as Binary);
    writer.uint32(bytes.length);
    writer.byte((value as Binary).sub_type);
    writer.raw(bytes);
  },
  [RANK.objectId]: (value) => writer.raw((value as ObjectId).id),
  [RANK.boolean]: (value) => writer.byte(value === true ? 1 : 0),
  [RANK.date]: (value) => writer.bigUint64(BigInt(Number(value)) + (1n << 63n)),
  [RANK.timestamp]: (value) => writer.bigUint64((value as Timestamp).toBigInt()),
  [RANK.regex]: (value) => {
    writer.text(regexParts(value).pattern);
    writer.text(regexParts(value).options);
  },
  [RANK.code]: (value) => writer.text((value as Code).code),
  [RANK.codeWithScope]: (value) => {
    writer.text((value as Code).code);
    writeDoc((value as Code).scope ?? {});
  },
};

function writeDoc(document: Doc): void {
  for (const [name, value] of Object.entries(document)) {
    if (value === undefined) continue;
    writer.byte(rankByte(rankOf(value)));
    writer.text(name);
    writeValue(value);
  }
  writer.byte(LIST_END);
}

function writeNumber(value: unknown): void {
  if (isDecimal(value)) {
    throw new MongoError(
      "CannotBuildIndexKeys",
      "Decimal128 in an indexed field is not in the Stoa stand-in for MongoDB; store integers of minor units",
    );
  }
  const plain = plainNumber(value);
  const rounded = Number(plain);
  if (Number.isNaN(rounded)) {
    writer.raw(NAN_BYTES);
  } else {
    writer.double(rounded === 0 ? 0 : rounded);
  }
  // A 64-bit integer may lie between two doubles: what rounding lost decides among equals.
  const lost = typeof plain === "bigint" ? Number(plain - BigInt(rounded)) : 0;
  writer.uint16(lost + LONG_BIAS);
}

/** The smallest key greater than every key that starts with this one. */
export function afterPrefix(prefix: Buffer): Buffer {
  let last = prefix.length - 1;
  while (last >= 0 && prefix[last] === 0xff) last--;
  const end = Buffer.from(prefix.subarray(0, last + 1));
  if (last >= 0) end[last] = (end[last] ?? 0) + 1;
  return end;
}
