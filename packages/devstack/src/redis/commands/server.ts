import type { Args } from "../arguments.ts";
import { type CommandContext, command, connectionCommand } from "../command.ts";
import { globPattern } from "../glob.ts";
import { BULK_BYTES_MAX, CONNECTIONS_MAX, DATABASES } from "../limits.ts";
import { OK, RedisError, type Reply, Status } from "../reply.ts";

/** The version whose behaviour we follow. */
export const EMULATED_VERSION = "7.0.15";

const SETTINGS: Readonly<Record<string, string>> = {
  appendonly: "no",
  databases: String(DATABASES),
  maxclients: String(CONNECTIONS_MAX),
  maxmemory: "0",
  "maxmemory-policy": "noeviction",
  "notify-keyspace-events": "",
  "proto-max-bulk-len": String(BULK_BYTES_MAX),
  save: "60 1",
};

function info({ shared }: CommandContext, args: Args): Reply {
  const blocked = shared.databases.reduce((sum, store) => sum + store.waiting(), 0);
  const sections: Record<string, string[]> = {
    Server: [
      `redis_version:${EMULATED_VERSION}`,
      "redis_mode:standalone",
      "server_name:stoa-devstack",
      `process_id:${process.pid}`,
      `uptime_in_seconds:${Math.floor((shared.now() - shared.startedAt) / 1000)}`,
    ],
    Clients: [
      `connected_clients:${shared.connections()}`,
      `blocked_clients:${blocked}`,
      `maxclients:${CONNECTIONS_MAX}`,
    ],
    Memory: [`used_memory:${process.memoryUsage().heapUsed}`, "maxmemory:0", "maxmemory_policy:noeviction"],
    Persistence: ["loading:0", `rdb_last_save_time:${Math.floor(shared.lastSavedAt() / 1000)}`],
    Replication: ["role:master", "connected_slaves:0"],
    Keyspace: shared.databases.flatMap((store, at) =>
      store.size > 0 ? [`db${at}:keys=${store.size},expires=${store.volatileSize},avg_ttl=0`] : [],
    ),
  };
  const wanted = new Set(args.from(0).map((name) => name.toLowerCase()));
  const all = wanted.size === 0 || wanted.has("all") || wanted.has("default") || wanted.has("everything");
  return Object.entries(sections)
    .filter(([name]) => all || wanted.has(name.toLowerCase()))
    .map(([name, lines]) => `# ${name}\r\n${lines.map((line) => `${line}\r\n`).join("")}`)
    .join("\r\n");
}

function client({ connection }: CommandContext, args: Args): Reply {
  switch (args.upper(0)) {
    case "SETNAME":
      if (/[\s]/.test(args.text(1))) {
        throw new RedisError("ERR Client names cannot contain spaces, newlines or special characters.");
      }
      connection.name = args.text(1);
      return OK;
    case "GETNAME":
      return connection.name === "" ? null : connection.name;
    case "ID":
      return connection.id;
    case "INFO":
      return `id=${connection.id} name=${connection.name}\n`;
    case "SETINFO":
    case "NO-EVICT":
    case "NO-TOUCH":
      return OK;
    default:
      throw new RedisError(`ERR unknown subcommand '${args.text(0)}'. Try CLIENT HELP.`);
  }
}

function config(_context: CommandContext, args: Args): Reply {
  if (args.upper(0) !== "GET") throw new RedisError("ERR CONFIG is fixed here; only CONFIG GET is answered");
  const patterns = args.from(1).map((glob) => globPattern(glob.toLowerCase()));
  return Object.entries(SETTINGS)
    .filter(([name]) => patterns.some((pattern) => pattern.test(name)))
    .flat();
}

function describeCommands(_context: CommandContext, args: Args): Reply {
  if (args.length === 0 || args.upper(0) === "DOCS" || args.upper(0) === "INFO") return [];
  throw new RedisError(`ERR unknown subcommand '${args.text(0)}'. Try COMMAND HELP.`);
}

function pubsub({ shared }: CommandContext, args: Args): Reply {
  switch (args.upper(0)) {
    case "CHANNELS":
      return shared.pubsub.channels(args.length > 1 ? args.text(1) : "*");
    case "NUMSUB":
      return args.from(1).flatMap((channel) => [channel, shared.pubsub.subscribers(channel)]);
    case "NUMPAT":
      return shared.pubsub.patternCount();
    default:
      throw new RedisError(`ERR unknown subcommand '${args.text(0)}'. Try PUBSUB HELP.`);
  }
}

export const serverCommands = [
  command("ping", -1, (_context, args) => (args.length > 0 ? args.text(0) : new Status("PONG"))),
  command("echo", 2, (_context, args) => args.text(0)),
  command("time", 1, ({ shared }) => {
    const ms = shared.now();
    return [String(Math.floor(ms / 1000)), String((ms % 1000) * 1000)];
  }),
  command("info", -1, info),
  command("config", -2, config),
  command("command", -1, describeCommands),
  command("publish", 3, ({ shared }, args) => shared.pubsub.publish(args.text(0), args.text(1))),
  command("pubsub", -2, pubsub),
  command("flushdb", -1, ({ store }) => {
    store.clear();
    return OK;
  }),
  command("flushall", -1, ({ shared }) => {
    for (const store of shared.databases) store.clear();
    return OK;
  }),
  command("lastsave", 1, ({ shared }) => Math.floor(shared.lastSavedAt() / 1000)),
  connectionCommand("bgsave", -1, ({ shared }) => {
    void shared.save();
    return new Status("Background saving started");
  }),
  connectionCommand("wait", 3, () => 0),
  connectionCommand("client", -2, client),
];
