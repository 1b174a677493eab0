import type { StackConfig } from "../config.ts";
import { freePort, isPortFree, listenError } from "./free-port.ts";
import {
  APP_NAMES,
  type AppName,
  PAGE_NAMES,
  type PageName,
  PORT_VARIABLES,
  SERVICE_NAMES,
  type StackServiceName,
} from "./names.ts";
import { StartError } from "./start-error.ts";

export type Ports = Readonly<Record<StackServiceName | AppName | PageName, number>>;

export interface PortInput {
  readonly config: StackConfig;
  /** What the caller asks for; 0 means any free one. */
  readonly asked: Partial<Ports>;
  readonly last: Readonly<Record<string, number>>;
  /** Applications take a free port instead of their usual one. */
  readonly freeApps: boolean;
}

/** A port for everything that may be started, whether it will be or not. */
export async function choosePorts(input: PortInput): Promise<Ports> {
  const chosen = new Map<string, number>();
  for (const name of [...APP_NAMES, ...SERVICE_NAMES, ...PAGE_NAMES])
    chosen.set(name, await choosePort(name, input, chosen));
  return Object.fromEntries(chosen) as Ports;
}

async function choosePort(
  name: StackServiceName | AppName | PageName,
  { config, asked, last, freeApps }: PortInput,
  chosen: ReadonlyMap<string, number>,
): Promise<number> {
  const isApp = (APP_NAMES as readonly string[]).includes(name);
  const variable = PORT_VARIABLES[name] as keyof StackConfig;
  const configured = isApp && freeApps ? 0 : Number(config[variable] ?? 0);
  const wanted = asked[name] ?? configured;
  if (wanted !== 0) return wanted;
  const taken = [...chosen.values()];
  const previous = isApp ? undefined : last[name];
  if (previous !== undefined && !taken.includes(previous) && (await isPortFree(previous))) return previous;
  for (;;) {
    const port = await freePort();
    if (!taken.includes(port)) return port;
  }
}

/** Throws one sentence for the first port that cannot be listened on. */
export async function requireFreePorts(
  names: readonly (StackServiceName | AppName | PageName)[],
  ports: Ports,
  host: string,
): Promise<void> {
  for (const name of names) {
    const isApp = (APP_NAMES as readonly string[]).includes(name);
    const error = await listenError(ports[name], isApp ? host : "127.0.0.1");
    if (error === null) continue;
    const port = `Port ${ports[name]} for ${name}`;
    switch (error) {
      case "EACCES":
        throw new StartError(`${port} is for the administrator alone: set ${PORT_VARIABLES[name]} to one above 1023.`);
      case "EADDRNOTAVAIL":
      case "ENOTFOUND":
        throw new StartError(`${host} is no address of this machine: set HOST to one that is.`);
      default:
        throw new StartError(
          `${port} is in use: set ${PORT_VARIABLES[name]} to another one or stop what listens there.`,
        );
    }
  }
}
