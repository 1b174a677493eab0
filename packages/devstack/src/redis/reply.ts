/** A simple string of RESP: `+OK`. */
export class Status {
  constructor(readonly text: string) {}
}

/** An error reply. The message starts with its code, as in `WRONGTYPE Operation against…`. */
export class RedisError extends Error {
  override readonly name = "RedisError";
}

/** RESP2 tells a missing array (`*-1`) from a missing string (`$-1`). */
export class MissingArray {}

export const OK = new Status("OK");
export const QUEUED = new Status("QUEUED");
export const NO_ARRAY = new MissingArray();

/** Strings are latin1: one character a byte, so that any value is safe. */
export type Reply = null | number | string | Status | RedisError | MissingArray | readonly Reply[];

export const wrongType = () => new RedisError("WRONGTYPE Operation against a key holding the wrong kind of value");
export const syntaxError = () => new RedisError("ERR syntax error");
export const notAnInteger = () => new RedisError("ERR value is not an integer or out of range");
export const notAFloat = () => new RedisError("ERR value is not a valid float");

/** The reply as RESP2, in latin1. */
export function encodeReply(reply: Reply): string {
  if (reply === null) return "$-1\r\n";
  if (typeof reply === "string") return `$${reply.length}\r\n${reply}\r\n`;
  if (typeof reply === "number") return `:${reply}\r\n`;
  if (reply instanceof Status) return `+${reply.text}\r\n`;
  if (reply instanceof RedisError) return `-${reply.message.replace(/[\r\n]+/g, " ")}\r\n`;
  if (reply instanceof MissingArray) return "*-1\r\n";
  let text = `*${reply.length}\r\n`;
  for (const item of reply) text += encodeReply(item);
  return text;
}
