import { type Args, clampRange } from "../arguments.ts";
import { type CommandContext, command } from "../command.ts";
import { BULK_BYTES_MAX } from "../limits.ts";
import { RedisError, type Reply, syntaxError } from "../reply.ts";
import { putString } from "./strings.ts";

const stringOf = ({ store }: CommandContext, key: string): string => store.read(key, "string") ?? "";
const bitAt = (text: string, offset: number): number => ((text.charCodeAt(offset >> 3) || 0) >> (7 - (offset & 7))) & 1;

function bitOffset(args: Args, index: number): number {
  const offset = args.int(index);
  if (offset < 0 || offset >= BULK_BYTES_MAX * 8)
    throw new RedisError("ERR bit offset is not an integer or out of range");
  return offset;
}

function setBit(context: CommandContext, args: Args): Reply {
  const offset = bitOffset(args, 1);
  const bit = args.text(2);
  if (bit !== "0" && bit !== "1") throw new RedisError("ERR bit is not an integer or out of range");
  const at = offset >> 3;
  const text = stringOf(context, args.text(0)).padEnd(at + 1, "\0");
  const mask = 1 << (7 - (offset & 7));
  const byte = text.charCodeAt(at);
  const after = String.fromCharCode(bit === "1" ? byte | mask : byte & ~mask);
  context.store.put(args.text(0), { type: "string", data: text.slice(0, at) + after + text.slice(at + 1) });
  return bitAt(text, offset);
}

/** The bits from start to end (inclusive) that BITCOUNT and BITPOS speak of. */
function bitRange(text: string, args: Args, index: number): { from: number; to: number; explicitEnd: boolean } {
  const bytes = text.length;
  if (args.length <= index) return { from: 0, to: bytes * 8 - 1, explicitEnd: false };
  const explicitEnd = args.length > index + 1;
  const unit = args.length > index + 2 ? args.upper(index + 2) : "BYTE";
  if (unit !== "BYTE" && unit !== "BIT") throw syntaxError();
  const scale = unit === "BYTE" ? 8 : 1;
  const stop = explicitEnd ? args.int(index + 1) : -1;
  const { from, to } = clampRange(unit === "BYTE" ? bytes : bytes * 8, args.int(index), stop);
  return { from: from * scale, to: (to + 1) * scale - 1, explicitEnd };
}

function countBits(context: CommandContext, args: Args): Reply {
  const text = stringOf(context, args.text(0));
  if (args.length === 2) throw syntaxError();
  const { from, to } = bitRange(text, args, 1);
  let count = 0;
  for (let offset = from; offset <= to; offset += 1) count += bitAt(text, offset);
  return count;
}

function findBit(context: CommandContext, args: Args): Reply {
  const wanted = args.text(1);
  if (wanted !== "0" && wanted !== "1") throw new RedisError("ERR The bit argument must be 1 or 0.");
  const text = stringOf(context, args.text(0));
  const { from, to, explicitEnd } = bitRange(text, args, 2);
  for (let offset = from; offset <= to; offset += 1) if (bitAt(text, offset) === Number(wanted)) return offset;
  // Without an end the string counts as followed by zeros for ever.
  return wanted === "0" && !explicitEnd && from <= text.length * 8 ? text.length * 8 : -1;
}

function combineBits(context: CommandContext, args: Args): Reply {
  const operation = args.upper(0);
  const texts = args.from(2).map((key) => stringOf(context, key));
  if (operation === "NOT" && texts.length !== 1) {
    throw new RedisError("ERR BITOP NOT must be called with a single source key.");
  }
  const combine = bitOperation(operation);
  const length = Math.max(...texts.map((text) => text.length));
  let result = "";
  for (let at = 0; at < length; at += 1) {
    const bytes = texts.map((text) => text.charCodeAt(at) || 0);
    result += String.fromCharCode((operation === "NOT" ? ~(bytes[0] ?? 0) : bytes.reduce(combine)) & 255);
  }
  if (result === "") context.store.remove(args.text(1));
  else putString(context.store, args.text(1), result);
  return result.length;
}

function bitOperation(name: string): (one: number, other: number) => number {
  if (name === "AND") return (one, other) => one & other;
  if (name === "OR") return (one, other) => one | other;
  if (name === "XOR" || name === "NOT") return (one, other) => one ^ other;
  throw syntaxError();
}

export const bitCommands = [
  command("setbit", 4, setBit),
  command("getbit", 3, (context, args) => bitAt(stringOf(context, args.text(0)), bitOffset(args, 1))),
  command("bitcount", -2, countBits),
  command("bitpos", -3, findBit),
  command("bitop", -4, combineBits),
];
