import { MongoError } from "../errors.ts";

/** One element of an encoded document: its type byte and where its name and value lie, as byte offsets. */
export interface RawElement {
  readonly type: number;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly valueStart: number;
  readonly end: number;
}

const TYPE_DOCUMENT = 3;
const TYPE_ARRAY = 4;

/** Sizes in bytes of the values that always have the same; the others tell their own. */
const FIXED_SIZES: Readonly<Record<number, number>> = {
  1: 8,
  6: 0,
  7: 12,
  8: 1,
  9: 8,
  10: 0,
  16: 4,
  17: 8,
  18: 8,
  19: 16,
  127: 0,
  255: 0,
};

/** The length an encoded document or string states, as a little-endian 32-bit number. */
export function readInt32(bytes: Uint8Array, at: number): number {
  return (
    byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24) | 0
  );
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw malformed();
  return byte;
}

function malformed(): MongoError {
  return new MongoError("InvalidBSON", "BSON ends before its stated length");
}

function endOfCString(bytes: Uint8Array, from: number): number {
  // Names are short, so looking at each byte is cheaper than a call into the runtime.
  let end = from;
  while (byteAt(bytes, end) !== 0) end += 1;
  return end;
}

function valueEnd(bytes: Uint8Array, type: number, at: number): number {
  const fixed = FIXED_SIZES[type];
  if (fixed !== undefined) return at + fixed;
  switch (type) {
    case 2:
    case 13:
    case 14:
      return at + 4 + readInt32(bytes, at);
    case TYPE_DOCUMENT:
    case TYPE_ARRAY:
    case 15:
      return at + readInt32(bytes, at);
    case 5:
      return at + 5 + readInt32(bytes, at);
    case 11:
      return endOfCString(bytes, endOfCString(bytes, at) + 1) + 1;
    case 12:
      return at + 4 + readInt32(bytes, at) + 12;
    default:
      throw new MongoError("InvalidBSON", `Unknown BSON type ${type}`);
  }
}

/** Walks the elements of an encoded document or array without decoding their values. */
export function* rawElements(bytes: Uint8Array): Generator<RawElement> {
  const last = readInt32(bytes, 0) - 1;
  let at = 4;
  while (at < last) {
    const type = byteAt(bytes, at);
    const nameStart = at + 1;
    const nameEnd = endOfCString(bytes, nameStart);
    const end = valueEnd(bytes, type, nameEnd + 1);
    if (end > last || end <= at) throw malformed();
    yield { type, nameStart, nameEnd, valueStart: nameEnd + 1, end };
    at = end;
  }
}

/** The name of the first field, which for a stored document is "_id"; null for an empty document. */
export function firstFieldName(bytes: Uint8Array): string | null {
  if (bytes.length <= 5) return null;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8", 5, endOfCString(bytes, 5));
}

/** The still encoded document or array under a top-level name, or null when absent or of another type. */
export function rawMember(
  bytes: Uint8Array,
  name: string,
): { readonly isArray: boolean; readonly bytes: Uint8Array } | null {
  const wanted = Buffer.from(name);
  for (const element of rawElements(bytes)) {
    if (!sameName(bytes, element.nameStart, element.nameEnd, wanted)) continue;
    if (element.type !== TYPE_DOCUMENT && element.type !== TYPE_ARRAY) return null;
    return { isArray: element.type === TYPE_ARRAY, bytes: bytes.subarray(element.valueStart, element.end) };
  }
  return null;
}

/** The still encoded documents of an encoded array. */
export function rawItems(array: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = [];
  for (const element of rawElements(array)) {
    if (element.type !== TYPE_DOCUMENT) throw new MongoError("TypeMismatch", "Expected an array of documents");
    items.push(array.subarray(element.valueStart, element.end));
  }
  return items;
}

function sameName(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  if (end - start !== wanted.length) return false;
  for (let at = 0; at < wanted.length; at++) if (bytes[start + at] !== wanted[at]) return false;
  return true;
}

const encodedNames = new WeakMap<ReadonlySet<string>, readonly Uint8Array[]>();

/** The names as bytes, worked out once for each set. */
export function fieldNames(fields: ReadonlySet<string>): readonly Uint8Array[] {
  const known = encodedNames.get(fields);
  if (known) return known;
  const names = [...fields].map((name) => Buffer.from(name));
  encodedNames.set(fields, names);
  return names;
}

/** Start and end of what `pickFields` keeps; one list serves every call, because picking never waits. */
const kept: number[] = [];

/** An encoded document with only those top-level fields, so that a scan decodes what its filter looks at and no more. */
export function pickFields(bytes: Uint8Array, names: readonly Uint8Array[]): Uint8Array {
  const last = readInt32(bytes, 0) - 1;
  let size = 5;
  kept.length = 0;
  for (let at = 4; at < last && kept.length < names.length * 2; ) {
    const nameEnd = endOfCString(bytes, at + 1);
    const end = valueEnd(bytes, byteAt(bytes, at), nameEnd + 1);
    if (end > last || end <= at) throw malformed();
    if (isWanted(bytes, at + 1, nameEnd, names)) {
      kept.push(at, end);
      size += end - at;
    }
    at = end;
  }
  const picked = new Uint8Array(size);
  writeInt32(picked, size, 0);
  let length = 4;
  for (let part = 0; part < kept.length; part += 2) {
    const end = kept[part + 1] ?? 0;
    for (let at = kept[part] ?? end; at < end; at++) picked[length++] = bytes[at] ?? 0;
  }
  return picked;
}

function isWanted(bytes: Uint8Array, start: number, end: number, names: readonly Uint8Array[]): boolean {
  for (const name of names) if (sameName(bytes, start, end, name)) return true;
  return false;
}

export function writeInt32(bytes: Uint8Array, value: number, at: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >> 8) & 0xff;
  bytes[at + 2] = (value >> 16) & 0xff;
  bytes[at + 3] = (value >> 24) & 0xff;
}

/** Joins encoded documents into an encoded array without decoding them. */
export function rawArray(items: readonly Uint8Array[]): Uint8Array {
  let size = 5;
  const names = items.map((_, index) => Buffer.from(String(index)));
  for (const [index, item] of items.entries()) size += 2 + (names[index]?.length ?? 0) + item.length;
  const array = new Uint8Array(size);
  writeInt32(array, size, 0);
  let at = 4;
  for (const [index, item] of items.entries()) {
    const name = names[index] ?? Buffer.alloc(0);
    array[at] = TYPE_DOCUMENT;
    array.set(name, at + 1);
    array.set(item, at + 2 + name.length);
    at += 2 + name.length + item.length;
  }
  return array;
}

/** An encoded document with one more array member at its end. */
export function appendRawArray(document: Uint8Array, name: string, items: readonly Uint8Array[]): Uint8Array {
  return appendElement(document, TYPE_ARRAY, name, rawArray(items));
}

/** An encoded document with one more document member at its end. */
export function appendRawDocument(document: Uint8Array, name: string, member: Uint8Array): Uint8Array {
  return appendElement(document, TYPE_DOCUMENT, name, member);
}

function appendElement(document: Uint8Array, type: number, name: string, value: Uint8Array): Uint8Array {
  const key = Buffer.from(name);
  const joined = new Uint8Array(document.length + 2 + key.length + value.length);
  joined.set(document.subarray(0, document.length - 1));
  joined[document.length - 1] = type;
  joined.set(key, document.length);
  joined.set(value, document.length + key.length + 1);
  writeInt32(joined, joined.length, 0);
  return joined;
}
