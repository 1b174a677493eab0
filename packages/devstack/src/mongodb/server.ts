import type { TCPSocketListener } from "bun";
import type { Faults } from "../faults.ts";
import type { Reader } from "./aggregate/environment.ts";
import type { Doc } from "./bson/values.ts";
import { CursorRegistry } from "./commands/cursors.ts";
import type { CommandContext } from "./commands/registry.ts";
import { runCommand } from "./commands/table.ts";
import { sweepExpired } from "./storage/expiry.ts";
import { searchInTurns } from "./storage/search.ts";
import { Store } from "./storage/store.ts";
import { PAUSE, type Paused, Turn, withoutPauses } from "./turns.ts";
import { Connection } from "./wire/connection.ts";

const CONNECTIONS_MAX = 2_000;

/** How often expired documents and forgotten cursors are removed, as in MongoDB. */
const SWEEP_MS = 60_000;

export interface ServerOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** Path of the database file, or null to keep everything in memory. */
  readonly file: string | null;
  readonly faults: Faults | null;
}

/** The store behind a socket on 127.0.0.1. */
export class MongoServer implements Disposable {
  readonly #store: Store;
  readonly #cursors = new CursorRegistry(() => new Date());
  readonly #connections = new Set<Connection>();
  readonly #listener: TCPSocketListener<Connection | null>;
  readonly #sweeper: Timer;

  constructor(options: ServerOptions) {
    this.#store = new Store(options.file);
    const context: CommandContext = {
      store: this.#store,
      cursors: this.#cursors,
      readerOf: (database) => readerOf(this.#store, database),
      now: () => new Date(),
    };
    try {
      this.#listener = this.#listen(options, context);
    } catch (error) {
      this.#store[Symbol.dispose]();
      throw error;
    }
    this.#sweeper = setInterval(() => this.#sweepQuietly(), SWEEP_MS);
    this.#sweeper.unref();
  }

  get port(): number {
    return this.#listener.port;
  }

  #listen({ port, faults }: ServerOptions, context: CommandContext): TCPSocketListener<Connection | null> {
    const run = (command: Parameters<typeof runCommand>[0]) => runCommand(command, context);
    return Bun.listen<Connection | null>({
      hostname: "127.0.0.1",
      port,
      data: null,
      socket: {
        open: (socket) => {
          if (this.#connections.size >= CONNECTIONS_MAX) {
            socket.terminate();
            return;
          }
          socket.data = new Connection(socket, { faults, run });
          this.#connections.add(socket.data);
        },
        data: (socket, chunk) => socket.data?.receive(chunk),
        drain: (socket) => socket.data?.flush(),
        close: (socket) => this.#forget(socket.data),
        error: (socket) => socket.data?.close(),
      },
    });
  }

  #forget(connection: Connection | null): void {
    if (!connection) return;
    this.#connections.delete(connection);
    connection.close();
  }

  /** Removes expired documents and forgotten cursors now. */
  sweep(now: Date): void {
    sweepExpired(this.#store, now);
    this.#cursors.sweep();
  }

  /** A sweep that fails is tried again a minute later; commands meet the same trouble, such as a full disk, and report it. */
  #sweepQuietly(): void {
    try {
      this.sweep(new Date());
    } catch (error) {
      console.error("The MongoDB stand-in could not remove expired documents", error);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweeper);
    for (const connection of [...this.#connections]) connection.close();
    this.#listener.stop(true);
    this.#store[Symbol.dispose]();
  }
}

function readerOf(store: Store, database: string): Reader {
  const found = function* (asked: Parameters<Reader["find"]>, turn: Turn | null): Generator<Paused<Doc>> {
    const [name, request, evaluate, fields] = asked;
    const collection = store.get(`${database}.${name}`);
    if (!collection) return;
    for (const record of searchInTurns(collection, request, evaluate, turn))
      yield record === PAUSE ? PAUSE : record.part(fields ?? null);
  };
  return {
    find: (...asked) => withoutPauses(found(asked, null)),
    findInTurns: (...asked) => found(asked, new Turn()),
    hasIndex(name, field) {
      const collection = store.get(`${database}.${name}`);
      if (!collection || field === "_id") return true;
      return collection.indexes.some(({ spec }) => Object.keys(spec.key)[0] === field && !spec.sparse && !spec.partial);
    },
  };
}
