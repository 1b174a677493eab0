import { join } from "node:path";
import type { FaultRule } from "../faults.ts";
import { Child } from "./child.ts";
import type { StackServiceName } from "./names.ts";
import { type Command, type Launch, type Launched, type Reply, replySchema } from "./protocol.ts";
import { StartError } from "./start-error.ts";

const LAUNCH_MS = 120_000;
const COMMAND_MS = 10_000;
const STOP_MS = 15_000;

type CommandBody = Command extends infer Each ? (Each extends Command ? Omit<Each, "id"> : never) : never;

export interface ServiceHostOptions {
  readonly launches: readonly Launch[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFolder: string;
  readonly onUnexpectedExit: (names: string, logs: string) => void;
}

/** The stack's side of one process with backing services in it. */
export class ServiceHost {
  #child: Child | null = null;
  #launched: readonly Launched[] = [];
  #nextId = 1;
  readonly #waiting = new Map<number, { resolve(reply: Reply): void; reject(error: Error): void }>();
  #launches: readonly Launch[];

  constructor(readonly options: ServiceHostOptions) {
    this.#launches = options.launches;
  }

  get names(): readonly StackServiceName[] {
    return this.#launches.map((launch) => launch.service);
  }

  get label(): string {
    return this.names.join(" and ");
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  logs(): string {
    return this.#child?.logs() ?? "";
  }

  /** Starts the process and its services. Restarted ones keep their ports, so that addresses given to others stay good. */
  async start(): Promise<readonly Launched[]> {
    const child = new Child({
      name: this.label,
      command: [join(import.meta.dir, "host.ts")],
      cwd: this.options.cwd,
      env: this.options.env,
      logFile: join(this.options.logFolder, `${this.names.join("-")}.log`),
      onMessage: (message) => this.#receive(message),
      onUnexpectedExit: (exited) => this.options.onUnexpectedExit(this.label, exited.logs()),
    });
    this.#child = child;
    child.exited.then(() => this.#failAll(`${this.label} ended: ${lastLines(child.logs())}`));
    const reply = await this.#ask({ type: "launch", launches: [...this.#launches] }, LAUNCH_MS).catch(
      (error: unknown) => {
        child.kill("SIGKILL");
        throw error;
      },
    );
    if (reply.type !== "launched") throw new Error(`unexpected answer ${reply.type}`);
    this.#launched = reply.services;
    this.#launches = this.#launches.map((launch) => {
      const url = reply.services.find((launched) => launched.service === launch.service)?.url;
      return url === undefined ? launch : { ...launch, port: Number(new URL(url).port) };
    });
    return reply.services;
  }

  async arm(service: StackServiceName, rule: FaultRule): Promise<void> {
    await this.#ask({ type: "arm", service, rule }, COMMAND_MS);
  }

  async clear(service: StackServiceName): Promise<void> {
    await this.#ask({ type: "clear", service }, COMMAND_MS);
  }

  /** `kill -9`, for the real program as for the process that holds it. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    child.expectExit();
    for (const { pid } of this.#launched) if (pid !== null) killQuietly(pid);
    child.kill("SIGKILL");
    await child.exited;
  }

  async stop(): Promise<void> {
    await this.#child?.stop(STOP_MS);
  }

  #ask(body: CommandBody, timeoutMs: number): Promise<Reply> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new StartError(`${this.label} did not answer within ${timeoutMs / 1_000} s: ${lastLines(this.logs())}`));
      }, timeoutMs);
      const settle = (then: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        then();
      };
      this.#waiting.set(id, {
        resolve: (reply) => settle(() => resolve(reply)),
        reject: (error) => settle(() => reject(error)),
      });
      this.#child?.send({ ...body, id });
    });
  }

  #receive(message: unknown): void {
    const reply = replySchema.parse(message);
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    if (reply.type !== "failed") waiting.resolve(reply);
    else
      waiting.reject(new StartError(reply.sentence ? reply.message : `${this.label} did not start: ${reply.message}`));
  }

  #failAll(message: string): void {
    for (const waiting of [...this.#waiting.values()]) waiting.reject(new StartError(message));
  }
}

/** The end of a log in a few lines, for an error message. */
export function lastLines(log: string, count = 8): string {
  const lines = log.trimEnd().split("\n").slice(-count);
  return lines.length > 0 && lines[0] !== "" ? `\n  ${lines.join("\n  ")}` : "it wrote nothing.";
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It had ended by itself, which is what was wanted.
  }
}
