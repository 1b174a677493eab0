import { deserialize, serialize } from "bson";
import { MongoError } from "../errors.ts";
import type { Doc } from "./values.ts";

/** Largest document MongoDB stores, in bytes. */
export const DOCUMENT_BYTES_MAX = 16 * 1024 * 1024;

/** Room beside a document of the largest size for what a command or a reply adds. */
const ENVELOPE_BYTES = 16 * 1024;

/** Decodes with numbers as JavaScript numbers; integers beyond 2^53 stay `Long`. For reading and comparing. */
export function decode(bytes: Uint8Array): Doc {
  return deserialize(bytes, { promoteBuffers: false, bsonRegExp: true });
}

/** Decodes with every number in its BSON class, so that encoding again gives the same bytes. For changing and storing. */
export function decodeExact(bytes: Uint8Array): Doc {
  return deserialize(bytes, { promoteValues: false, promoteBuffers: false, bsonRegExp: true });
}

/** @throws BSONObjectTooLarge when the document exceeds 16 MB. */
export function encode(document: Doc): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = serialize(document, { ignoreUndefined: true });
  } catch (error) {
    // The library writes into a buffer of 17 MB and fails with a range error on what does not fit.
    if (error instanceof RangeError && !/stack/i.test(error.message)) throw tooLarge();
    throw error;
  }
  if (bytes.length > DOCUMENT_BYTES_MAX + ENVELOPE_BYTES) throw tooLarge();
  return bytes;
}

export function tooLarge(): MongoError {
  return new MongoError("BSONObjectTooLarge", `object to insert too large. maximum is ${DOCUMENT_BYTES_MAX} bytes`);
}
