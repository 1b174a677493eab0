import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import type { RunningService } from "../service.ts";
import { freePort } from "../stack/free-port.ts";
import { StartError } from "../stack/start-error.ts";
import { serverAccount } from "./account.ts";
import { prepareCluster } from "./data-folder.ts";
import { clearOrphan } from "./orphan.ts";
import { prepareRuntime } from "./runtime.ts";
import { type Server, startServer } from "./server.ts";

export interface PostgresOptions {
  /** 0 picks a free port. Always bound to 127.0.0.1. */
  readonly port: number;
  /** Folder of the cluster, made at the first start; null takes a temporary one that is removed at the stop. */
  readonly dataDir: string | null;
  /** Password of the superuser `postgres`; fixed when the cluster is made. */
  readonly password: string;
  /** Server settings by name, over the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Gets the server's log, line by line. */
  readonly onLog?: (line: string) => void;
}

export interface RunningPostgres extends RunningService {
  /** Process id of the server, for a test that kills it. */
  readonly pid: number;
  /** Settles when the server process has ended, for whatever reason. */
  readonly exited: Promise<void>;
}

/** Sized for a laptop. What makes an acknowledged commit durable (fsync, synchronous_commit, full_page_writes) stays on. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "128MB",
  max_wal_size: "1GB",
  checkpoint_timeout: "15min",
  wal_level: "minimal",
  max_wal_senders: "0",
  random_page_cost: "1.1",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_min_messages: "warning",
  // Backends of a client that vanished would hold their locks until the kernel gives up, after hours.
  tcp_keepalives_idle: "30",
  client_connection_check_interval: "5s",
};

/**
 * A real PostgreSQL 18 from the packages that came with the installation. Throws `StartError` with one sentence when the port
 * is taken, the folder is not ours, half-written or of another version, or the password is not the one it was made with.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const temporary = options.dataDir === null ? mkdtempSync(join(realpathSync(tmpdir()), "stoa-postgres-")) : null;
  if (temporary !== null) await chmod(temporary, 0o755);
  const discard = () => {
    if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
  };
  try {
    const { server, port } = await start(options, options.dataDir ?? join(temporary ?? "", "cluster"));
    const url = `postgres://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${port}/postgres`;
    const version = await readVersion(url, options.dataDir).catch(async (error: unknown) => {
      await server.stop();
      throw error;
    });
    const stop = async () => {
      await server.stop();
      discard();
    };
    return {
      name: "postgres",
      rung: "embedded",
      description: `PostgreSQL ${version} (embedded)`,
      url,
      pid: server.pid,
      exited: server.exited,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    discard();
    throw inOneSentence(error, options.dataDir);
  }
}

async function start(options: PostgresOptions, folder: string): Promise<{ server: Server; port: number }> {
  const account = serverAccount(folder);
  const native = prepareRuntime(account);
  const durable = options.dataDir !== null;
  const dataDir = prepareCluster({ native, account, dataDir: folder, password: options.password, durable });
  await clearOrphan(dataDir);
  const port = options.port === 0 ? await freePort() : options.port;
  const settings = { ...SETTINGS, ...options.settings };
  const server = await startServer({
    native,
    account,
    dataDir,
    port,
    settings,
    onLog: options.onLog ?? (() => undefined),
  });
  return { server, port };
}

async function readVersion(url: string, dataDir: string | null): Promise<string> {
  const sql = postgres(url, { max: 1, connect_timeout: 10, onnotice: () => undefined });
  try {
    const [row] = await sql`SELECT current_setting('server_version') AS version`;
    return String(row?.version).split(" ")[0] ?? "";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "28P01") {
      throw new StartError(
        `${dataDir} was made with another password: bring back its secrets.json or delete the data folder.`,
      );
    }
    throw error;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function inOneSentence(error: unknown, dataDir: string | null): unknown {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new StartError(`There is no permission to write ${dataDir}: set DATA_DIR to a folder of your own.`);
  }
  return error;
}
