import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "../stack/start-error.ts";

const STOP_MS = 10_000;

/**
 * Clears the way when an earlier run left `postmaster.pid` behind: a server without a parent is shut down, a number that now
 * belongs to another program is ignored, and a server that somebody still runs is refused in one sentence.
 */
export async function clearOrphan(dataDir: string): Promise<void> {
  const file = join(dataDir, "postmaster.pid");
  const pid = readPid(file);
  if (pid === null) return;
  const owner = describeProcess(pid);
  if (owner === null || !owner.command.includes(`bin/postgres -D ${dataDir}`)) {
    rmSync(file, { force: true });
    return;
  }
  if (owner.parent > 1 && describeProcess(owner.parent)?.command.includes("bun")) {
    throw new StartError(`${dataDir} is in use by PostgreSQL process ${pid}: stop that stack first.`);
  }
  await shutDown(pid);
  rmSync(file, { force: true });
}

async function shutDown(pid: number): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    send(pid, signal);
    const deadline = Date.now() + STOP_MS;
    while (Date.now() < deadline) {
      if (!isAlive(pid)) return;
      await Bun.sleep(20);
    }
  }
}

function readPid(file: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(file, "utf8"), 10);
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/** Parent and command line of a live process, on any Unix. */
function describeProcess(pid: number): { readonly parent: number; readonly command: string } | null {
  const { stdout } = spawnSync("ps", ["-o", "ppid=,args=", "-p", String(pid)], { encoding: "utf8" });
  const match = /^\s*(\d+)\s+(.*)$/m.exec(stdout ?? "");
  if (match !== null) return { parent: Number(match[1]), command: match[2] ?? "" };
  // A minimal image may lack `ps`; Linux tells the same in /proc.
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return { parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0), command };
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  return send(pid, 0);
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
