import { encode } from "../bson/codec.ts";
import { HEADER_BYTES, OP_MSG } from "./message.ts";

/** A client's first message, to find out whether a server answers. */
export function helloRequest(): Buffer {
  const body = encode({ hello: 1, $db: "admin" });
  // Flags and the section kind, all zero.
  const prefix = Buffer.alloc(5);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + prefix.length + body.length, 0);
  header.writeInt32LE(1, 4);
  header.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([header, prefix, body]);
}
