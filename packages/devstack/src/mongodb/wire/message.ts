import { Long } from "bson";
import { encode } from "../bson/codec.ts";
import { appendRawArray, appendRawDocument, readInt32 } from "../bson/raw.ts";
import type { Doc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import { type Command, commandOf } from "./command.ts";

/** Largest message either side may send, in bytes. */
export const MESSAGE_BYTES_MAX = 48_000_000;

export const HEADER_BYTES = 16;

const OP_REPLY = 1;
const OP_QUERY = 2004;
export const OP_MSG = 2013;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
const REQUIRED_FLAGS = 0xffff;
const CHECKSUM_BYTES = 4;

/** A message a client sent. */
export interface Incoming {
  readonly requestId: number;
  /** True for the old form that drivers still use for their first hello. */
  readonly legacy: boolean;
  /** False when the client waits for no answer. */
  readonly wantsReply: boolean;
  readonly command: Command;
}

/** What a command answers: a document, and for cursors the still encoded documents of a batch. */
export interface Reply {
  readonly body: Doc;
  readonly cursor?: CursorReply;
}

export interface CursorReply {
  readonly id: number;
  readonly namespace: string;
  readonly batchName: "firstBatch" | "nextBatch";
  readonly batch: readonly Uint8Array[];
}

/**
 * Reads one whole message.
 * @throws when it is no message this server understands; the connection cannot go on after that.
 */
export function parseMessage(message: Buffer): Incoming {
  const requestId = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  if (opCode === OP_QUERY) return { requestId, legacy: true, wantsReply: true, command: parseLegacy(message) };
  if (opCode !== OP_MSG) throw new MongoError("BadValue", `Unsupported opcode ${opCode}`);
  const flags = message.readUInt32LE(HEADER_BYTES);
  if (flags & REQUIRED_FLAGS & ~(CHECKSUM_PRESENT | MORE_TO_COME))
    throw new MongoError("BadValue", "Unknown required flag bits");
  const end = message.length - (flags & CHECKSUM_PRESENT ? CHECKSUM_BYTES : 0);
  return { requestId, legacy: false, wantsReply: (flags & MORE_TO_COME) === 0, command: parseSections(message, end) };
}

function parseSections(message: Buffer, end: number): Command {
  const sequences = new Map<string, readonly Uint8Array[]>();
  let body: Uint8Array | null = null;
  let at = HEADER_BYTES + 4;
  while (at < end) {
    const kind = message[at];
    const start = at + 1;
    const size = readInt32(message, start);
    if (size < 5 || start + size > end) throw new MongoError("InvalidBSON", "A section exceeds its message");
    if (kind === 0) body = message.subarray(start, start + size);
    else if (kind === 1) readSequence(message.subarray(start, start + size), sequences);
    else throw new MongoError("BadValue", `Unknown section kind ${kind}`);
    at = start + size;
  }
  if (!body) throw new MongoError("BadValue", "A message without a body");
  return commandOf(body, sequences);
}

function readSequence(section: Buffer, sequences: Map<string, readonly Uint8Array[]>): void {
  const nameEnd = section.indexOf(0, 4);
  const name = section.toString("utf8", 4, nameEnd);
  const documents: Uint8Array[] = [];
  let at = nameEnd + 1;
  while (at < section.length) {
    const size = readInt32(section, at);
    if (size < 5 || at + size > section.length) throw new MongoError("InvalidBSON", "A document exceeds its section");
    documents.push(section.subarray(at, at + size));
    at += size;
  }
  sequences.set(name, documents);
}

/** `OP_QUERY`: flags, namespace, two numbers, a document. */
function parseLegacy(message: Buffer): Command {
  const nameStart = HEADER_BYTES + 4;
  const nameEnd = message.indexOf(0, nameStart);
  const namespace = message.toString("utf8", nameStart, nameEnd);
  const start = nameEnd + 1 + 8;
  const size = readInt32(message, start);
  if (nameEnd === -1 || size < 5 || start + size > message.length)
    throw new MongoError("InvalidBSON", "A query exceeds its message");
  return commandOf(message.subarray(start, start + size), new Map(), namespace.split(".")[0] ?? "");
}

let lastRequestId = 0;

/** The bytes of an answer to that request. */
export function encodeMessage(
  incoming: { readonly requestId: number; readonly legacy: boolean },
  reply: Reply,
): Buffer {
  const body = encodeReply(reply);
  const prefix = incoming.legacy ? legacyPrefix() : Buffer.alloc(5);
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  lastRequestId = (lastRequestId + 1) & 0x7fffffff;
  header.writeInt32LE(HEADER_BYTES + prefix.length + body.length, 0);
  header.writeInt32LE(lastRequestId, 4);
  header.writeInt32LE(incoming.requestId, 8);
  header.writeInt32LE(incoming.legacy ? OP_REPLY : OP_MSG, 12);
  return Buffer.concat([header, prefix, body]);
}

/** Flags "await capable", no cursor, from the start, one document. */
function legacyPrefix(): Buffer {
  const prefix = Buffer.alloc(20);
  prefix.writeInt32LE(8, 0);
  prefix.writeInt32LE(1, 16);
  return prefix;
}

function encodeReply({ body, cursor }: Reply): Uint8Array {
  const plain = encode({ ok: 1, ...body });
  if (!cursor) return plain;
  const head = encode({ id: Long.fromNumber(cursor.id), ns: cursor.namespace });
  return appendRawDocument(plain, "cursor", appendRawArray(head, cursor.batchName, cursor.batch));
}
