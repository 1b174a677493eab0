import { decode, decodeExact } from "../bson/codec.ts";
import { rawItems, rawMember } from "../bson/raw.ts";
import type { Doc } from "../bson/values.ts";

/** One command as it came over the wire. Documents to store stay encoded until someone needs to look inside. */
export class Command {
  readonly name: string;
  readonly database: string;
  #exact: Doc | null = null;

  constructor(
    readonly bytes: Uint8Array,
    /** Numbers as JavaScript numbers. */
    readonly body: Doc,
    readonly sequences: ReadonlyMap<string, readonly Uint8Array[]>,
    database: string,
  ) {
    this.name = Object.keys(body)[0] ?? "";
    this.database = database;
  }

  /** What the command is applied to, "database.collection". */
  get namespace(): string {
    return `${this.database}.${String(this.body[this.name])}`;
  }

  /** The still encoded documents of a member, whether it came in the body or as a sequence beside it. */
  documents(member: string): readonly Uint8Array[] {
    const sequence = this.sequences.get(member);
    if (sequence) return sequence;
    const array = rawMember(this.bytes, member);
    return array?.isArray ? rawItems(array.bytes) : [];
  }

  /** The body with numbers in their BSON classes. */
  get exact(): Doc {
    this.#exact ??= decodeExact(this.bytes);
    return this.#exact;
  }
}

export function commandOf(
  bytes: Uint8Array,
  sequences: ReadonlyMap<string, readonly Uint8Array[]>,
  database?: string,
): Command {
  const body = decode(bytes);
  return new Command(bytes, body, sequences, database ?? String(body.$db ?? ""));
}
