import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Subprocess } from "bun";

const LOG_BYTES_MAX = 10 * 1_048_576;
const TAIL_BYTES = 16_384;

export interface ChildOptions {
  readonly name: string;
  /** Script and arguments, run by this same Bun. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly onMessage?: (message: unknown) => void;
  /** Told when the process ended although nobody asked it to. */
  readonly onUnexpectedExit: (child: Child) => void;
}

/**
 * A process of the stack. `--no-orphans` ends it, and whatever it started, even when we are killed with -9; a process group of
 * its own keeps Ctrl-C in the terminal from reaching it before its turn.
 */
export class Child {
  readonly exited: Promise<number>;
  readonly #process: Subprocess;
  readonly #logStart: number;
  #expected = false;

  constructor(readonly options: ChildOptions) {
    const log = openLog(options.logFile);
    this.#logStart = statSync(options.logFile).size;
    const { onMessage } = options;
    this.#process = Bun.spawn([process.execPath, "--no-orphans", ...options.command], {
      cwd: options.cwd,
      env: { ...options.env },
      stdin: "ignore",
      stdout: log,
      stderr: log,
      detached: true,
      ...(onMessage === undefined ? {} : { ipc: (message: unknown) => onMessage(message), serialization: "json" }),
    });
    closeSync(log);
    this.exited = this.#process.exited.then((code) => {
      if (!this.#expected) options.onUnexpectedExit(this);
      return code;
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  send(message: unknown): void {
    if (this.running) this.#process.send(message);
  }

  /** From now on the end of this process is nobody's surprise. */
  expectExit(): void {
    this.#expected = true;
  }

  kill(signal: NodeJS.Signals): void {
    this.#expected = true;
    if (this.running) this.#process.kill(signal);
  }

  /** Asks it to end and kills it when it does not within `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.kill("SIGTERM");
    const timer = setTimeout(() => this.kill("SIGKILL"), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** The last lines that this process wrote; what an earlier one left in the file is not its doing. */
  logs(): string {
    return readTail(this.options.logFile, this.#logStart);
  }
}

/** Opens for appending; a log above 10 MB becomes `<name>.1`, which replaces the one before. */
function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  if (existsSync(file) && statSync(file).size > LOG_BYTES_MAX) {
    rmSync(`${file}.1`, { force: true });
    renameSync(file, `${file}.1`);
  }
  return openSync(file, "a", 0o640);
}

function readTail(file: string, from: number): string {
  if (!existsSync(file)) return "";
  const size = statSync(file).size;
  const start = Math.max(from, size - TAIL_BYTES);
  if (start >= size) return "";
  const descriptor = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(size - start);
    const read = readSync(descriptor, buffer, 0, buffer.length, start);
    return buffer.toString("utf8", 0, read);
  } finally {
    closeSync(descriptor);
  }
}
