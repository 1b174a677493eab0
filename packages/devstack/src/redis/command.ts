import type { Args } from "./arguments.ts";
import type { PubSub, Subscriber } from "./pubsub.ts";
import type { Reply } from "./reply.ts";
import type { Store } from "./store.ts";

/** What a blocking command answers when there is nothing yet. */
export class Block {
  constructor(
    readonly keys: readonly string[],
    /** Tries again; null when there still is nothing. */
    readonly attempt: () => Reply | null,
    /** 0 waits for ever. */
    readonly timeoutMs: number,
    readonly timeoutReply: Reply,
  ) {}
}

/** What all connections share. */
export interface Shared {
  readonly databases: readonly Store[];
  readonly pubsub: PubSub;
  readonly scripts: ScriptRunner;
  readonly startedAt: number;
  readonly now: () => number;
  connections(): number;
  /** Writes a snapshot now; false when everything is kept in memory. */
  save(): Promise<boolean>;
  lastSavedAt(): number;
}

export interface ScriptRunner {
  /** Keeps the script and answers its SHA-1. */
  load(source: string): string;
  exists(sha: string): boolean;
  forget(): void;
  /** Runs a kept script against the caller's database; NOSCRIPT when it is not known. */
  run(sha: string, context: CommandContext, keys: readonly string[], argv: readonly string[]): Reply;
}

/** What a command may know and change of the connection that sent it. */
export interface Connection extends Subscriber {
  readonly id: number;
  name: string;
  select(database: number): void;
  subscribe(kind: "channel" | "pattern", names: readonly string[]): void;
  unsubscribe(kind: "channel" | "pattern", names: readonly string[]): void;
  begin(): Reply;
  commit(): Reply;
  discard(): Reply;
  watch(keys: readonly string[]): Reply;
  unwatch(): Reply;
  /** Back to the state of a fresh connection. */
  reset(): void;
  closeAfterReply(): void;
}

export interface CommandContext {
  readonly store: Store;
  readonly shared: Shared;
  readonly connection: Connection;
}

export interface Command {
  /** Lower case. */
  readonly name: string;
  /** As in COMMAND INFO: how many words with the name; negative for "at least". */
  readonly arity: number;
  /** Runs at once even inside MULTI. */
  readonly immediate: boolean;
  /** May be called from a script. */
  readonly scriptable: boolean;
  /** Undefined means that the command has written its replies itself. */
  run(context: CommandContext, args: Args): Reply | Block | undefined;
}

type Run = Command["run"];

/** A plain command. */
export function command(name: string, arity: number, run: Run): Command {
  return { name, arity, run, immediate: false, scriptable: true };
}

/** A command about the connection, which a script has not got. */
export function connectionCommand(name: string, arity: number, run: Run): Command {
  return { name, arity, run, immediate: false, scriptable: false };
}

/** A command that may wait for a key, which a script cannot do. */
export const blockingCommand = connectionCommand;

/** A command that steers MULTI itself. */
export function immediateCommand(name: string, arity: number, run: Run): Command {
  return { name, arity, run, immediate: true, scriptable: false };
}
