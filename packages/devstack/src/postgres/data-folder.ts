import { spawnSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { StartError } from "../stack/start-error.ts";
import { type Account, canReach } from "./account.ts";
import { SHARED_FOLDER } from "./runtime.ts";

const MAJOR = "18";

export interface ClusterInput {
  readonly native: string;
  readonly account: Account | null;
  readonly dataDir: string;
  readonly password: string;
  /** Whether the files of a new cluster must be on the disk before it starts. */
  readonly durable: boolean;
}

/**
 * The folder of a cluster that the server may start on, made when there is none. A new cluster gets its name only when it is
 * complete, so that an interrupted first start leaves nothing half-written.
 */
export function prepareCluster(input: ClusterInput): string {
  const dataDir = reachable(resolve(input.dataDir), input.account);
  if (isCluster(dataDir)) return dataDir;
  const unfinished = `${dataDir}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  own(unfinished, input.account);
  initialise(input, unfinished);
  rmSync(dataDir, { recursive: true, force: true });
  renameSync(unfinished, dataDir);
  return dataDir;
}

/** True for a cluster of our version, false for nothing at all; anything between is refused in one sentence. */
function isCluster(dataDir: string): boolean {
  if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) return false;
  const versionFile = join(dataDir, "PG_VERSION");
  if (!existsSync(versionFile) || !existsSync(join(dataDir, "global", "pg_control"))) {
    throw new StartError(`${dataDir} is half-written and holds no PostgreSQL data: delete it and start again.`);
  }
  const version = readFileSync(versionFile, "utf8").trim();
  if (version !== MAJOR) {
    throw new StartError(
      `${dataDir} was written by PostgreSQL ${version}, and this is PostgreSQL ${MAJOR}: move it away or set DATA_DIR to another folder.`,
    );
  }
  return true;
}

/**
 * Data under a folder that the server's account cannot enter (root's home) lives in a shared place, and the path asked for
 * becomes a link to it.
 */
function reachable(dataDir: string, account: Account | null): string {
  mkdirSync(dirname(dataDir), { recursive: true });
  const link = lstatSync(dataDir, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(dataDir) : null;
  if (link !== null) {
    mkdirSync(dirname(link), { recursive: true });
    return link;
  }
  if (canReach(dirname(dataDir), account)) return dataDir;
  mkdirSync(SHARED_FOLDER, { recursive: true, mode: 0o755 });
  const home = mkdtempSync(join(SHARED_FOLDER, "data-"));
  own(home, account);
  // Only an empty folder may give way to the link; `rmdir` refuses anything else.
  if (existsSync(dataDir)) rmdirSync(dataDir);
  symlinkSync(join(home, "cluster"), dataDir);
  return join(home, "cluster");
}

function own(folder: string, account: Account | null): void {
  if (account !== null) chownSync(folder, account.uid, account.gid);
}

function initialise({ native, account, password, durable }: ClusterInput, folder: string): void {
  const passwordFile = `${folder}.password`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  own(passwordFile, account);
  const result = spawnSync(
    join(native, "bin", "initdb"),
    [
      ...["-D", folder, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", passwordFile],
      ...["-E", "UTF8", "--no-locale", "--no-instructions", ...(durable ? [] : ["--no-sync"])],
    ],
    { ...(account ?? {}), cwd: "/", env: { PATH: "/usr/bin:/bin", LC_ALL: "C", HOME: "/" }, encoding: "utf8" },
  );
  rmSync(passwordFile, { force: true });
  if (result.status === 0) return;
  rmSync(folder, { recursive: true, force: true });
  const reason = (result.stderr || result.error?.message || "no reason given").trim().split("\n").at(-1);
  throw new StartError(`PostgreSQL could not create its data in ${folder}: ${reason}.`);
}
