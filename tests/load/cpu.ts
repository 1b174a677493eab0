import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const TICK_MS = 10;

/** Milliseconds of CPU of ourselves and of every process we started, by the name of its log, else by its program; those of one name are summed. */
export function cpuByName(): Record<string, number> {
  const cpuMs: Record<string, number> = {};
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    const found = Number.isInteger(pid) && isOurs(pid) ? readProcess(pid) : null;
    if (!found) continue;
    const name = pid === process.pid ? "load" : (logName(pid) ?? found.name);
    cpuMs[name] = (cpuMs[name] ?? 0) + found.ticks * TICK_MS;
  }
  return cpuMs;
}

/** Milliseconds of CPU that a process has had. */
export function cpuOfProcess(pid: number): number {
  return (readProcess(pid)?.ticks ?? 0) * TICK_MS;
}

/** The stack lets each of its processes write to a log of its own: `core.log`, `stripe-paypal.log`. */
function logName(pid: number): string | null {
  try {
    return /([\w-]+)\.log$/.exec(readlinkSync(`/proc/${pid}/fd/1`))?.[1] ?? null;
  } catch {
    return null;
  }
}

function isOurs(pid: number): boolean {
  for (let at = pid; at > 1; ) {
    if (at === process.pid) return true;
    at = readProcess(at)?.parent ?? 0;
  }
  return false;
}

function readProcess(pid: number): { readonly parent: number; readonly ticks: number; readonly name: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]), name };
  } catch {
    return null;
  }
}
