import { type CommandContext, command } from "../command.ts";
import { OK, RedisError } from "../reply.ts";

// A HyperLogLog of 2^14 registers, a byte each, behind a mark of its own. Not the byte layout of Redis: nobody reads it but us.
const MARK = "HYLL-STOA\n";
const INDEX_BITS = 14;
const REGISTERS = 2 ** INDEX_BITS;

function load({ store }: CommandContext, key: string): Uint8Array {
  const text = store.read(key, "string");
  if (text === undefined) return new Uint8Array(REGISTERS);
  if (!text.startsWith(MARK) || text.length !== MARK.length + REGISTERS) {
    throw new RedisError("WRONGTYPE Key is not a valid HyperLogLog string value.");
  }
  return Uint8Array.from(Buffer.from(text.slice(MARK.length), "latin1"));
}

function save({ store }: CommandContext, key: string, registers: Uint8Array): void {
  store.put(key, { type: "string", data: MARK + Buffer.from(registers).toString("latin1") });
}

/** Raises the register of one element; true when that changed anything. */
function observe(registers: Uint8Array, element: string): boolean {
  const hash = BigInt(Bun.hash.xxHash64(Buffer.from(element, "latin1")));
  const index = Number(hash & BigInt(REGISTERS - 1));
  let rest = hash >> BigInt(INDEX_BITS);
  let run = 1;
  while (run <= 64 - INDEX_BITS && (rest & 1n) === 0n) {
    run += 1;
    rest >>= 1n;
  }
  if (run <= (registers[index] ?? 0)) return false;
  registers[index] = run;
  return true;
}

function merge(all: readonly Uint8Array[]): Uint8Array {
  const merged = new Uint8Array(REGISTERS);
  for (const registers of all) {
    for (let at = 0; at < REGISTERS; at += 1) merged[at] = Math.max(merged[at] ?? 0, registers[at] ?? 0);
  }
  return merged;
}

/** The estimate of Flajolet and others: harmonic mean of the registers, linear counting while many are empty. */
function estimate(registers: Uint8Array): number {
  let sum = 0;
  let empty = 0;
  for (const run of registers) {
    sum += 2 ** -run;
    if (run === 0) empty += 1;
  }
  const alpha = 0.7213 / (1 + 1.079 / REGISTERS);
  const raw = (alpha * REGISTERS * REGISTERS) / sum;
  return Math.round(raw <= 2.5 * REGISTERS && empty > 0 ? REGISTERS * Math.log(REGISTERS / empty) : raw);
}

export const hyperLogLogCommands = [
  command("pfadd", -2, (context, args) => {
    const isNew = context.store.read(args.text(0), "string") === undefined;
    const registers = load(context, args.text(0));
    const changed = args.from(1).filter((element) => observe(registers, element)).length > 0;
    if (changed || isNew) save(context, args.text(0), registers);
    return changed || isNew ? 1 : 0;
  }),
  command("pfcount", -2, (context, args) => estimate(merge(args.from(0).map((key) => load(context, key))))),
  command("pfmerge", -2, (context, args) => {
    save(context, args.text(0), merge(args.from(0).map((key) => load(context, key))));
    return OK;
  }),
];
