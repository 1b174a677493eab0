import { Database } from "bun:sqlite";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { StartError } from "./start-error.ts";

const portsSchema = z.record(z.string(), z.number().int().min(1).max(65_535));

const secretsSchema = z.object({
  authSecret: z.string().min(32),
  internalTokenSecret: z.string().min(32),
  orderTokenSecret: z.string().min(32),
  postgresPassword: z.string().min(16),
  typesenseApiKey: z.string().min(16),
  qstashToken: z.string().min(16),
  qstashCurrentSigningKey: z.string().min(16),
  qstashNextSigningKey: z.string().min(16),
  stripeSecretKey: z.string().min(16),
  stripeWebhookSecret: z.string().min(16),
  paypalClientId: z.string().min(16),
  paypalClientSecret: z.string().min(16),
  paypalWebhookId: z.string().min(8),
});

/** Random at the first start, kept in `secrets.json`, readable by the owner alone. */
export type Secrets = z.infer<typeof secretsSchema>;

/** The folder of one stack, held for as long as the process lives. */
export interface DataFolder {
  readonly path: string;
  readonly secrets: Secrets;
  /** Ports of the last start, so that a bookmark or a client's setting stays good. */
  readonly lastPorts: Readonly<Record<string, number>>;
  rememberPorts(ports: Readonly<Record<string, number>>): void;
  /** For commands that are run beside the shop: the environment its applications were given, readable by the owner alone. */
  rememberEnvironment(env: Readonly<Record<string, string>>): void;
  release(): void;
}

/** Name of the file in the data folder that holds the environment of the last start. */
export const ENVIRONMENT_FILE = "environment.json";

/** Takes the folder, makes it at the first start. Throws `StartError` when another stack holds it or it is half-written. */
export function openDataFolder(path: string): DataFolder {
  try {
    mkdirSync(path, { recursive: true });
    const release = holdFolder(path);
    try {
      const secrets = readSecrets(path);
      return {
        path,
        secrets,
        lastPorts: readPorts(join(path, "ports.json")),
        rememberPorts: (ports) => writeWhole(join(path, "ports.json"), ports, 0o644),
        rememberEnvironment: (env) => writeWhole(join(path, ENVIRONMENT_FILE), env, 0o600),
        release,
      };
    } catch (error) {
      release();
      throw error;
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const reason = obstacles[code];
    if (reason === undefined) throw error;
    throw new StartError(`${path} cannot hold the shop's data: ${reason}.`);
  }
}

const elsewhere = "set DATA_DIR to a folder of your own";
const notYours = `there is no permission to write there; ${elsewhere}`;
const noFolder = `there is no such folder and none can be made; ${elsewhere}`;
const full = "the disk is full; make room on it or set DATA_DIR to a folder on another one";

/** By the code of the system or of SQLite. */
const obstacles: Readonly<Record<string, string>> = {
  EACCES: notYours,
  EPERM: notYours,
  EROFS: notYours,
  SQLITE_CANTOPEN: notYours,
  ENOENT: noFolder,
  EEXIST: noFolder,
  ENOTDIR: noFolder,
  ENOSPC: full,
  EDQUOT: full,
  SQLITE_FULL: full,
};

/**
 * Holds an open write transaction on a small SQLite file: the kernel lets go of it when the process ends, however it ends, so a
 * lock is never stale.
 */
function holdFolder(path: string): () => void {
  const db = new Database(join(path, "stack.lock"), { create: true });
  const refuse = (): never => {
    const holder = db.query<{ pid: number }, []>("SELECT pid FROM holder").get()?.pid;
    db.close();
    throw new StartError(
      `${path} is in use by another stack${holder ? ` (process ${holder})` : ""}: stop it or set DATA_DIR to another folder.`,
    );
  };
  db.exec("PRAGMA busy_timeout = 0");
  try {
    db.exec(
      "PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY, pid INTEGER NOT NULL)",
    );
    db.query("INSERT INTO holder VALUES (1, ?) ON CONFLICT DO UPDATE SET pid = excluded.pid").run(process.pid);
    db.exec("BEGIN IMMEDIATE");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY") refuse();
    throw error;
  }
  return () => db.close();
}

function readSecrets(path: string): Secrets {
  const file = join(path, "secrets.json");
  if (!existsSync(file)) {
    if (existsSync(join(path, "postgres"))) {
      throw new StartError(`${path} holds data but no secrets.json: bring the file back or delete the whole folder.`);
    }
    const secrets = newSecrets();
    writeWhole(file, secrets, 0o600);
    return secrets;
  }
  const secrets = secretsSchema.safeParse(readJson(file));
  if (!secrets.success) throw new StartError(`${file} is damaged: bring it back or delete the whole folder ${path}.`);
  return secrets.data;
}

function newSecrets(): Secrets {
  const random = (prefix = "") => prefix + randomBytes(32).toString("hex");
  return {
    authSecret: random(),
    internalTokenSecret: random(),
    orderTokenSecret: random(),
    postgresPassword: random(),
    typesenseApiKey: random(),
    qstashToken: random("qst_"),
    qstashCurrentSigningKey: random("sig_"),
    qstashNextSigningKey: random("sig_"),
    stripeSecretKey: random("sk_test_"),
    stripeWebhookSecret: random("whsec_"),
    paypalClientId: random("client_"),
    paypalClientSecret: random("secret_"),
    paypalWebhookId: random("WH-").slice(0, 20).toUpperCase(),
  };
}

function readPorts(file: string): Record<string, number> {
  if (!existsSync(file)) return {};
  const ports = portsSchema.safeParse(readJson(file));
  // The ports are a convenience: without the file, free ones are taken.
  return ports.success ? ports.data : {};
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}

/** Under its name only when complete, so that a crash never leaves half a file. */
function writeWhole(file: string, value: unknown, mode: number): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode });
  renameSync(`${file}.new`, file);
}
