import type { Socket } from "bun";
import type { FaultAction, Faults } from "../faults.ts";
import { Block, type Command, type CommandContext, type Connection, type Shared } from "./command.ts";
import { subscribedPing } from "./commands/connection.ts";
import { findCommand, runCommand } from "./commands/index.ts";
import { Outbox } from "./outbox.ts";
import { CommandParser } from "./parser.ts";
import { encodeReply, OK, QUEUED, RedisError, type Reply } from "./reply.ts";
import type { Store, Waiter } from "./store.ts";
import { Subscriptions, type Topic } from "./subscriptions.ts";
import { Transaction } from "./transaction.ts";

const SUBSCRIBING = new Set(["subscribe", "psubscribe", "unsubscribe", "punsubscribe"]);
const ALLOWED_WHILE_SUBSCRIBED = new Set([...SUBSCRIBING, "ping", "quit", "reset"]);

export interface SessionOptions {
  readonly id: number;
  readonly shared: Shared;
  readonly socket: Socket<Session>;
  readonly faults: Faults | null;
}

/** One connection: reads commands in order, runs them, writes the replies. */
export class Session implements Connection {
  name = "";
  readonly id: number;
  readonly #shared: Shared;
  readonly #socket: Socket<Session>;
  readonly #faults: Faults | null;
  readonly #outbox: Outbox<Session>;
  readonly #parser = new CommandParser();
  readonly #transaction = new Transaction();
  readonly #subscriptions: Subscriptions;
  #database = 0;
  #closed = false;
  /** While a command waits or is delayed, what came after it stays unread. */
  #resume: (() => void) | null = null;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.#shared = options.shared;
    this.#socket = options.socket;
    this.#faults = options.faults;
    this.#outbox = new Outbox(options.socket);
    this.#subscriptions = new Subscriptions(options.shared.pubsub, this);
  }

  receive(bytes: Buffer): void {
    this.#work(bytes.toString("latin1"));
  }

  drained(): void {
    this.#outbox.flush();
  }

  closed(): void {
    this.#closed = true;
    this.#resume?.();
    this.reset();
  }

  deliver(message: Reply): void {
    if (!this.#closed) this.#outbox.write(encodeReply(message));
  }

  select(database: number): void {
    if (!this.#shared.databases[database]) throw new RedisError("ERR DB index is out of range");
    this.#database = database;
  }

  subscribe(kind: Topic, names: readonly string[]): void {
    this.#subscriptions.add(kind, names);
  }

  unsubscribe(kind: Topic, names: readonly string[]): void {
    this.#subscriptions.remove(kind, names);
  }

  begin(): Reply {
    this.#transaction.begin();
    return OK;
  }

  commit(): Reply {
    return this.#transaction.commit(() => this.#context());
  }

  discard(): Reply {
    this.#transaction.discard();
    return OK;
  }

  watch(keys: readonly string[]): Reply {
    this.#transaction.watch(this.#store(), keys);
    return OK;
  }

  unwatch(): Reply {
    this.#transaction.unwatch();
    return OK;
  }

  reset(): void {
    this.#transaction.reset();
    this.#subscriptions.clear();
    this.#database = 0;
    this.name = "";
  }

  closeAfterReply(): void {
    this.#closed = true;
    // The reply to the command in hand is still to be written.
    queueMicrotask(() => this.#outbox.end());
  }

  #work(input = ""): void {
    try {
      this.#parser.push(input);
      while (!this.#closed && !this.#resume) {
        const words = this.#parser.next();
        if (!words) break;
        this.#handle(words);
      }
    } catch (error) {
      // Only a break of the protocol gets here; there is no telling where the next command would begin.
      this.deliver(error instanceof RedisError ? error : new RedisError("ERR Protocol error"));
      this.closeAfterReply();
    }
    this.#outbox.flush();
  }

  #handle(words: readonly string[]): void {
    const name = words[0]?.toLowerCase() ?? "";
    const fault = this.#faults?.next(name) ?? null;
    if (fault?.kind === "drop") this.#cut();
    else if (fault?.kind === "fail") this.deliver(new RedisError(`${fault.code ?? "ERR"} injected failure`));
    else if (fault?.kind === "delay") {
      const timer = setTimeout(() => this.#goOn(() => this.#answer(words, fault)), fault.delayMs);
      this.#resume = () => clearTimeout(timer);
    } else this.#answer(words, fault);
  }

  #answer(words: readonly string[], fault: FaultAction | null): void {
    const reply = this.#run(words);
    if (fault?.kind === "duplicate" && words[0]?.toLowerCase() === "publish") this.#run(words);
    if (fault?.kind === "loseAnswer") this.#cut();
    else if (reply instanceof Block) this.#wait(reply);
    else if (reply !== undefined) this.#reply(reply);
    for (const store of this.#shared.databases) store.serveWaiters();
  }

  #reply(reply: Reply): void {
    // QUIT has closed the session already, yet its reply is still owed.
    this.#outbox.write(encodeReply(reply));
  }

  #run(words: readonly string[]): Reply | Block | undefined {
    try {
      const command = this.#find(words);
      if (this.#transaction.isOpen && !command.immediate) {
        this.#transaction.queue(command, words);
        return QUEUED;
      }
      return runCommand(command, this.#context(), words);
    } catch (error) {
      if (error instanceof RedisError) return error;
      // One client's odd request must not take the server away from all others.
      return new RedisError(`ERR internal error: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #find(words: readonly string[]): Command {
    try {
      const command = findCommand(words);
      if (this.#transaction.isOpen && SUBSCRIBING.has(command.name)) {
        throw new RedisError("ERR Command not allowed inside a transaction");
      }
      if (this.#subscriptions.count > 0 && !ALLOWED_WHILE_SUBSCRIBED.has(command.name)) {
        throw new RedisError(
          `ERR Can't execute '${command.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
        );
      }
      return this.#subscriptions.count > 0 && command.name === "ping" ? subscribedPing : command;
    } catch (error) {
      if (this.#transaction.isOpen) this.#transaction.spoil();
      throw error;
    }
  }

  #wait(block: Block): void {
    const immediate = attemptSafely(block);
    if (immediate !== null) {
      this.#reply(immediate);
      return;
    }
    const store = this.#store();
    const waiter: Waiter = { serve: () => this.#serve(block) };
    const timer = block.timeoutMs > 0 ? setTimeout(() => this.#finish(block.timeoutReply), block.timeoutMs) : null;
    for (const key of block.keys) store.wait(key, waiter);
    this.#resume = () => {
      if (timer) clearTimeout(timer);
      for (const key of block.keys) store.stopWaiting(key, waiter);
    };
  }

  #serve(block: Block): boolean {
    const reply = attemptSafely(block);
    if (reply === null) return false;
    this.#finish(reply);
    return true;
  }

  #finish(reply: Reply): void {
    this.#resume?.();
    this.#resume = null;
    this.deliver(reply);
    // Not now: this may be running inside another connection's command.
    queueMicrotask(() => this.#work());
  }

  #goOn(run: () => void): void {
    this.#resume = null;
    run();
    this.#work();
  }

  #cut(): void {
    this.#closed = true;
    this.#socket.terminate();
  }

  #store(): Store {
    const store = this.#shared.databases[this.#database];
    if (!store) throw new RedisError("ERR DB index is out of range");
    return store;
  }

  #context(): CommandContext {
    return { store: this.#store(), shared: this.#shared, connection: this };
  }
}

function attemptSafely(block: Block): Reply | null {
  try {
    return block.attempt();
  } catch (error) {
    if (error instanceof RedisError) return error;
    throw error;
  }
}
