import { Block, type Command, type CommandContext } from "./command.ts";
import { runCommand } from "./commands/index.ts";
import { TRANSACTION_COMMANDS_MAX } from "./limits.ts";
import { NO_ARRAY, RedisError, type Reply } from "./reply.ts";
import type { Store, Watch } from "./store.ts";

interface Queued {
  readonly command: Command;
  readonly words: readonly string[];
}

/** MULTI and WATCH of one connection. */
export class Transaction {
  #queue: Queued[] | null = null;
  #broken = false;
  #watch: Watch = { broken: false };
  #watched: { readonly store: Store; readonly key: string }[] = [];

  get isOpen(): boolean {
    return this.#queue !== null;
  }

  begin(): void {
    if (this.#queue) throw new RedisError("ERR MULTI calls can not be nested");
    this.#queue = [];
    this.#broken = false;
  }

  queue(command: Command, words: readonly string[]): void {
    if (!this.#queue || this.#queue.length >= TRANSACTION_COMMANDS_MAX) {
      throw new RedisError("ERR too many commands in one transaction");
    }
    this.#queue.push({ command, words });
  }

  /** A command could not be queued, so EXEC will refuse. */
  spoil(): void {
    this.#broken = true;
  }

  /** Runs everything queued; the context is asked for anew each time, since SELECT may change it midway. */
  commit(context: () => CommandContext): Reply {
    const queue = this.#queue;
    if (!queue) throw new RedisError("ERR EXEC without MULTI");
    const wasBroken = this.#broken;
    const watchBroken = this.#endWatch();
    this.#queue = null;
    if (wasBroken) throw new RedisError("EXECABORT Transaction discarded because of previous errors.");
    if (watchBroken) return NO_ARRAY;
    return queue.map(({ command, words }) => runQueued(command, context(), words));
  }

  discard(): void {
    if (!this.#queue) throw new RedisError("ERR DISCARD without MULTI");
    this.reset();
  }

  watch(store: Store, keys: readonly string[]): void {
    if (this.#queue) throw new RedisError("ERR WATCH inside MULTI is not allowed");
    for (const key of keys) {
      store.watch(key, this.#watch);
      this.#watched.push({ store, key });
    }
  }

  unwatch(): void {
    this.#endWatch();
  }

  reset(): void {
    this.#queue = null;
    this.#endWatch();
  }

  /** Answers whether anything watched has changed. */
  #endWatch(): boolean {
    const watch = this.#watch;
    for (const { store, key } of this.#watched) store.unwatch(key, watch);
    this.#watched = [];
    this.#watch = { broken: false };
    return watch.broken;
  }
}

function runQueued(command: Command, context: CommandContext, words: readonly string[]): Reply {
  try {
    const reply = runCommand(command, context, words);
    // Nobody waits inside a transaction.
    if (reply instanceof Block) return reply.attempt() ?? reply.timeoutReply;
    return reply ?? null;
  } catch (error) {
    if (error instanceof RedisError) return error;
    throw error;
  }
}
