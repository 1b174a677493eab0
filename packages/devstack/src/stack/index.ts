import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Environment, processEnvironment, readStackConfig } from "../config.ts";
import type { FaultRule } from "../faults.ts";
import type { Rung } from "../service.ts";
import { App, type StackApp } from "./app.ts";
import { type DataFolder, openDataFolder } from "./data-folder.ts";
import { appEnvironment } from "./environment.ts";
import { planServices, type ServicePlan } from "./ladder.ts";
import { APP_NAMES, type AppName, PAGE_NAMES, SERVICE_NAMES, type StackServiceName } from "./names.ts";
import { choosePorts, type Ports, requireFreePorts } from "./ports.ts";
import { ServiceHost } from "./service-host.ts";
import { describeUrl, StackParts } from "./stack-parts.ts";

const ROOT = resolve(import.meta.dir, "../../../..");

export interface StackOptions {
  /** Folder of all data, kept for the next start; null takes a temporary one that is removed at the stop. */
  readonly dataDir: string | null;
  /** Variables that name hosted services, ports and secrets. Default none, so that a test never meets a hosted service. */
  readonly env?: Environment;
  /** Applications to start, in the order core, edge, admin. Default all; `[]` starts the services alone. */
  readonly apps?: readonly AppName[];
  /** Services to start. Default all. */
  readonly services?: readonly StackServiceName[];
  /** Services that run as our stand-in although the real program is on the PATH. */
  readonly preferEmbedded?: readonly StackServiceName[];
  /** 0 picks a free one. Without an entry: the variable, the port of the last start, or a free one. */
  readonly ports?: Partial<Ports>;
  /** Fault knobs of the stand-ins exist only when this is given. */
  readonly faults?: { readonly seed: number };
  /** Factor on the waits of the queue stand-in, so that a test of retries need not wait. Default 1. */
  readonly qstashTimeScale?: number;
  /** Told what is being started, for a person who waits. */
  readonly onProgress?: (line: string) => void;
  /** Told when a process ended that nobody stopped, with the last lines it wrote. */
  readonly onUnexpectedExit?: (name: string, logs: string) => void;
}

/** One line of the start-up table. */
export interface StackService {
  readonly name: StackServiceName;
  readonly rung: Rung;
  readonly description: string;
  readonly url: string;
  /** Where people look at what it holds, for one that has such a page. */
  readonly pageUrl: string | null;
}

/** A running shop with everything behind it. Stopping it twice is harmless. */
export interface Stack extends AsyncDisposable {
  /** The complete environment the applications were given. */
  readonly env: Readonly<Record<string, string>>;
  readonly urls: Readonly<Record<AppName | StackServiceName, string>>;
  readonly dataDir: string;
  /** The services of this stack, in a fixed order. */
  readonly services: readonly StackService[];
  service(name: StackServiceName): StackService;
  app(name: AppName): StackApp;
  /** `kill -9` of a service we started. Stripe and PayPal share a process and fall together. */
  kill(name: StackServiceName): Promise<void>;
  /** Starts a killed service again, or a running one anew, at the same address and on the same data. */
  restart(name: StackServiceName): Promise<void>;
  /** The fault knobs of a stand-in; both reject when the stack was started without faults. */
  faults(name: StackServiceName): { arm(rule: FaultRule): Promise<void>; clear(): Promise<void> };
  stop(): Promise<void>;
}

/**
 * Starts every backing service on the highest rung of its ladder (its URL, a program on the PATH, our stand-in), then the
 * applications, and resolves when all of them are ready. Throws `StartError` with one sentence when something is in the way.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const temporary = options.dataDir === null ? mkdtempSync(join(realpathSync(tmpdir()), "stoa-stack-")) : null;
  // The account PostgreSQL runs as must be able to pass through; the secrets in it are readable by the owner alone.
  if (temporary !== null) chmodSync(temporary, 0o755);
  const removeTemporary = () => {
    if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
  };
  let folder: DataFolder | null = null;
  try {
    folder = openDataFolder(resolve(temporary ?? options.dataDir ?? ""));
    const held = folder;
    return await start(options, held, () => {
      held.release();
      removeTemporary();
    });
  } catch (error) {
    folder?.release();
    removeTemporary();
    throw error;
  }
}

async function start(options: StackOptions, folder: DataFolder, release: () => void): Promise<Stack> {
  const config = readStackConfig(options.env ?? {});
  const apps = APP_NAMES.filter((name) => (options.apps ?? APP_NAMES).includes(name));
  const asked = options.ports ?? {};
  const ports = await choosePorts({ config, asked, last: folder.lastPorts, freeApps: options.dataDir === null });
  const appUrls = mapNames(APP_NAMES, (name) => describeUrl(config.HOST, ports[name]));
  const webhookBaseUrl = config.WEBHOOK_BASE_URL ?? appUrls.core;
  const plans = planServices({
    config,
    secrets: folder.secrets,
    services: SERVICE_NAMES.filter((name) => (options.services ?? SERVICE_NAMES).includes(name)),
    preferEmbedded: options.preferEmbedded ?? [],
    ports,
    dataDir: folder.path,
    webhookBaseUrl,
    faults: options.faults,
    qstashTimeScale: options.qstashTimeScale ?? 1,
  });
  const ours = plans.filter((plan) => plan.rung !== "url").map((plan) => plan.service);
  const pages = PAGE_NAMES.filter(() => ours.includes("mail"));
  await requireFreePorts([...apps, ...ours, ...pages], ports, config.HOST);
  folder.rememberPorts(ports);

  const parts = new StackParts(options, release);
  try {
    await parts.startServices(plans, hostsFor(plans, options, folder.path, parts));
    const env = {
      ...processEnvironment(),
      ...withoutEmpty(options.env ?? {}),
      ...appEnvironment({
        config,
        secrets: folder.secrets,
        host: config.HOST,
        appPorts: ports,
        appUrls,
        serviceUrls: Object.fromEntries(parts.services.map(({ name, url }) => [name, url])),
        webhookBaseUrl,
        dataDir: folder.path,
      }),
    };
    folder.rememberEnvironment(env);
    const logFolder = join(folder.path, "logs");
    const onUnexpectedExit = parts.onUnexpectedExit;
    await parts.startApps(
      apps.map((name) => new App({ name, url: appUrls[name], cwd: ROOT, env, logFolder, onUnexpectedExit })),
    );
    return parts.toStack(env, appUrls, folder.path);
  } catch (error) {
    await parts.stop();
    throw error;
  }
}

/** A process for each service, so that each can be killed and none stalls another; the payment providers share one. */
function hostsFor(
  plans: readonly ServicePlan[],
  options: StackOptions,
  dataDir: string,
  parts: StackParts,
): ServiceHost[] {
  const launches = plans.flatMap((plan) => (plan.rung === "url" ? [] : [plan.launch]));
  const isPayment = (service: StackServiceName) => service === "stripe" || service === "paypal";
  const groups = [
    ...launches.filter(({ service }) => !isPayment(service)).map((launch) => [launch]),
    launches.filter(({ service }) => isPayment(service)),
  ].filter((group) => group.length > 0);
  const env = { ...processEnvironment(), NODE_ENV: options.env?.NODE_ENV ?? "development" };
  return groups.map(
    (group) =>
      new ServiceHost({
        launches: group,
        cwd: ROOT,
        env,
        logFolder: join(dataDir, "logs"),
        onUnexpectedExit: parts.onUnexpectedExit,
      }),
  );
}

function withoutEmpty(env: Environment): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

function mapNames<Name extends string, Value>(
  names: readonly Name[],
  value: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, Value>;
}
