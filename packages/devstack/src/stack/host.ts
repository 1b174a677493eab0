import { Faults } from "../faults.ts";
import type { RunningService } from "../service.ts";
import { launch } from "./launch.ts";
import type { StackServiceName } from "./names.ts";
import { type Command, commandSchema, type Launched, type Reply } from "./protocol.ts";
import { StartError } from "./start-error.ts";

// A process that holds one or a few backing services and does what the stack tells it over the channel between them.

const running = new Map<StackServiceName, RunningService>();

async function carryOut(command: Command): Promise<Reply> {
  if (command.type === "launch") {
    const services: Launched[] = [];
    for (const request of command.launches) {
      const service = await launch(request);
      running.set(request.service, service);
      if ("exited" in service && service.exited instanceof Promise) service.exited.then(leave);
      const { url, rung, description, pageUrl = null } = service;
      const pid = "pid" in service && typeof service.pid === "number" ? service.pid : null;
      services.push({ service: request.service, url, pageUrl, rung, description, pid });
    }
    return { type: "launched", id: command.id, services };
  }
  const faults = faultsOf(command.service);
  if (command.type === "arm") faults.arm(command.rule);
  else faults.clear();
  return { type: "done", id: command.id };
}

function faultsOf(name: StackServiceName): Faults {
  const service = running.get(name);
  const faults = service !== undefined && "faults" in service ? service.faults : null;
  if (!(faults instanceof Faults)) throw new StartError(`${name} was started without faults.`);
  return faults;
}

async function leave(): Promise<void> {
  await Promise.all([...running.values()].map((service) => service.stop()));
  process.exit(0);
}

process.on("message", (message: unknown) => {
  const command = commandSchema.parse(message);
  carryOut(command).then(
    (reply) => process.send?.(reply),
    (error: unknown) => {
      console.error(error);
      const text = error instanceof Error ? error.message : String(error);
      process.send?.({ type: "failed", id: command.id, message: text, sentence: error instanceof StartError });
    },
  );
});
process.on("SIGTERM", () => void leave());
