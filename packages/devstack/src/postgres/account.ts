import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StartError } from "../stack/start-error.ts";

/** Who the server process runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root, so root lends it the account that owns the data already, or else `postgres` or `nobody`.
 * Null means: run as whoever we are. Data of another user is refused in one sentence.
 */
export function serverAccount(dataDir: string): Account | null {
  const data = statSync(dataDir, { throwIfNoEntry: false });
  const self = process.getuid?.();
  if (self !== undefined && self !== 0 && data !== undefined && data.uid !== self) {
    throw new StartError(
      `${dataDir} belongs to another user: run as that user or set DATA_DIR to a folder of your own.`,
    );
  }
  if (self !== 0) return null;
  if (data !== undefined && data.uid !== 0) return { uid: data.uid, gid: data.gid };
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const chosen = ["postgres", "nobody"].map((name) => accounts.find((fields) => fields[0] === name)).find(Boolean);
  // Every Unix has `nobody`; these are its numbers where a minimal image has no list of accounts.
  return { uid: Number(chosen?.[2] ?? 65_534), gid: Number(chosen?.[3] ?? 65_534) };
}

/** True when this account may pass through every folder on the way to `path` and read what is there. */
export function canReach(path: string, account: Account | null): boolean {
  if (account === null) return true;
  const real = realpathSync(path);
  for (let folder = real; ; folder = dirname(folder)) {
    if (!mayEnter(folder, account)) return false;
    if (dirname(folder) === folder) return true;
  }
}

function mayEnter(path: string, { uid, gid }: Account): boolean {
  const { mode, uid: owner, gid: group } = statSync(path);
  const execute = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  return (mode & execute) !== 0;
}
