import type { App } from "./app.ts";
import type { Stack, StackOptions, StackService } from "./index.ts";
import type { ServicePlan } from "./ladder.ts";
import type { AppName, StackServiceName } from "./names.ts";
import type { ServiceHost } from "./service-host.ts";

const ORDER_OF_STOPPING: readonly AppName[] = ["admin", "edge", "core"];

/** What runs of a stack so far, so that a start that fails half-way is taken down as one that succeeded. */
export class StackParts {
  services: StackService[] = [];
  #hosts: readonly ServiceHost[] = [];
  #apps: readonly App[] = [];
  #started = false;
  #stopping: Promise<void> | null = null;

  constructor(
    readonly options: Pick<StackOptions, "onProgress" | "onUnexpectedExit">,
    readonly release: () => void,
  ) {}

  /** Until all is up, a process that ends makes the start fail, which tells it better. */
  readonly onUnexpectedExit = (name: string, logs: string): void => {
    if (this.#started && this.#stopping === null) this.options.onUnexpectedExit?.(name, logs);
  };

  async startServices(plans: readonly ServicePlan[], hosts: readonly ServiceHost[]): Promise<void> {
    this.#hosts = hosts;
    if (hosts.length > 0) this.#tell(`Starting ${hosts.map((host) => host.label).join(", ")}`);
    const launched = (await settleAll(hosts.map((host) => host.start()))).flat();
    this.services = plans.map((plan) => {
      if (plan.rung === "url") {
        return { name: plan.service, rung: plan.rung, url: plan.url, pageUrl: null, description: "hosted" };
      }
      const started = launched.find(({ service }) => service === plan.service);
      if (started === undefined) throw new Error(`${plan.service} was not started`);
      const { url, pageUrl, description } = started;
      return { name: plan.service, rung: plan.rung, url, pageUrl, description };
    });
  }

  /** Core first, because the others ask it; then the rest at once. */
  async startApps(apps: readonly App[]): Promise<void> {
    this.#apps = apps;
    const first = apps.filter((app) => app.options.name === "core");
    const rest = apps.filter((app) => app.options.name !== "core");
    for (const group of [first, rest]) {
      if (group.length === 0) continue;
      this.#tell(`Starting ${group.map((app) => app.options.name).join(", ")}`);
      await settleAll(group.map((app) => app.start()));
    }
    this.#started = true;
  }

  toStack(env: Record<string, string>, appUrls: Record<AppName, string>, dataDir: string): Stack {
    const { services } = this;
    const serviceUrls = Object.fromEntries(services.map(({ name, url }) => [name, url]));
    const service = (name: StackServiceName) => find(services, (candidate) => candidate.name === name, name);
    const host = (name: StackServiceName) => find(this.#hosts, (candidate) => candidate.names.includes(name), name);
    return {
      env,
      urls: { ...serviceUrls, ...appUrls } as Stack["urls"],
      dataDir,
      services,
      service,
      app: (name) => find(this.#apps, (app) => app.options.name === name, name),
      kill: (name) => host(name).kill(),
      restart: async (name) => {
        await host(name).stop();
        await host(name).start();
      },
      faults: (name) => ({
        arm: (rule) => host(name).arm(name, rule),
        clear: () => host(name).clear(name),
      }),
      stop: () => this.stop(),
      [Symbol.asyncDispose]: () => this.stop(),
    };
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** The doors first, then core, then what they all stand on. */
  async #stop(): Promise<void> {
    for (const name of ORDER_OF_STOPPING) {
      await this.#apps.find((app) => app.options.name === name)?.stop();
    }
    await Promise.all(this.#hosts.map((host) => host.stop()));
    this.release();
  }

  #tell(line: string): void {
    this.options.onProgress?.(line);
  }
}

/** Waits for all of them, so that none is still starting when the first failure is told. */
async function settleAll<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(work);
  return settled.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}

function find<T>(items: readonly T[], matches: (item: T) => boolean, name: string): T {
  const found = items.find(matches);
  if (found === undefined) throw new Error(`this stack did not start ${name}`);
  return found;
}

/** Where a person and the other processes reach an application: an address that stands for "all" is no address to call. */
export function describeUrl(host: string, port: number): string {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}
