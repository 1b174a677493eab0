import type { Faults } from "../faults.ts";
import type { Shared } from "./command.ts";
import { CONNECTIONS_MAX, DATABASES, EXPIRY_SWEEP_INTERVAL_MS, SNAPSHOT_INTERVAL_MS } from "./limits.ts";
import { PubSub } from "./pubsub.ts";
import { ScriptEngine } from "./scripting/engine.ts";
import { Session } from "./session.ts";
import { SnapshotFile } from "./snapshot.ts";
import { Store } from "./store.ts";

export interface RedisServer {
  readonly port: number;
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  readonly port: number;
  readonly dataDir: string | null;
  readonly faults: Faults | null;
}

/** Keeps the databases on disk, one snapshot at a time. */
class Keeper {
  #savedChanges = 0;
  #saving: Promise<void> = Promise.resolve();
  savedAt: number;

  constructor(
    private readonly file: SnapshotFile | null,
    private readonly databases: readonly Store[],
    now: number,
  ) {
    this.savedAt = now;
  }

  async load(): Promise<void> {
    await this.file?.load(this.databases);
    this.#savedChanges = this.#changes();
  }

  /** Saves when anything has changed since; answers false when everything is kept in memory. */
  async save(): Promise<boolean> {
    const { file } = this;
    if (!file) return false;
    this.#saving = this.#saving.then(async () => {
      const changes = this.#changes();
      if (changes === this.#savedChanges) return;
      await file.save(this.databases);
      this.#savedChanges = changes;
      this.savedAt = Date.now();
    });
    const saved = this.#saving;
    // A full disk fails this one save; the next one must still be tried.
    this.#saving = saved.catch(() => undefined);
    await saved;
    return true;
  }

  #changes(): number {
    return this.databases.reduce((sum, store) => sum + store.changes, 0);
  }
}

/** Starts the embedded server on 127.0.0.1 with what its last snapshot held. */
export async function listen(options: RedisServerOptions): Promise<RedisServer> {
  const now = () => Date.now();
  const databases = Array.from({ length: DATABASES }, () => new Store(now));
  const keeper = new Keeper(options.dataDir === null ? null : new SnapshotFile(options.dataDir), databases, now());
  await keeper.load();
  let connections = 0;
  const shared: Shared = {
    databases,
    pubsub: new PubSub(),
    scripts: new ScriptEngine(),
    startedAt: now(),
    now,
    connections: () => connections,
    save: () => keeper.save(),
    lastSavedAt: () => keeper.savedAt,
  };
  const listener = openPort(options, shared, (change) => {
    connections += change;
  });
  const sweeper = setInterval(() => {
    for (const store of databases) store.sweepExpired();
  }, EXPIRY_SWEEP_INTERVAL_MS);
  const saver = setInterval(() => {
    keeper.save().catch((error: unknown) => console.error("redis: snapshot failed:", error));
  }, SNAPSHOT_INTERVAL_MS);
  return {
    port: listener.port,
    async stop() {
      clearInterval(sweeper);
      clearInterval(saver);
      listener.stop(true);
      await keeper.save();
    },
  };
}

function openPort(options: RedisServerOptions, shared: Shared, countConnections: (change: 1 | -1) => void) {
  let nextId = 1;
  return Bun.listen<Session>({
    hostname: "127.0.0.1",
    port: options.port,
    socket: {
      open(socket) {
        countConnections(1);
        socket.data = new Session({ id: nextId, shared, socket, faults: options.faults });
        nextId += 1;
        socket.setNoDelay(true);
        if (shared.connections() > CONNECTIONS_MAX) socket.end("-ERR max number of clients reached\r\n");
      },
      data: (socket, bytes) => socket.data.receive(bytes),
      drain: (socket) => socket.data.drained(),
      close(socket) {
        countConnections(-1);
        socket.data.closed();
      },
      error: (socket) => socket.terminate(),
    },
  });
}
