import { type CommandContext, connectionCommand, immediateCommand } from "../command.ts";
import { OK, RedisError, type Reply, Status } from "../reply.ts";

/** ioredis asks for RESP3 first and goes on with RESP2 when this refuses. */
function hello(_context: CommandContext): Reply {
  throw new RedisError("NOPROTO unsupported protocol version");
}

/** PING of a connection that has subscribed, which answers as a message would look. */
export const subscribedPing = immediateCommand("ping", -1, (_context, args) => [
  "pong",
  args.length > 0 ? args.text(0) : "",
]);

export const connectionCommands = [
  immediateCommand("multi", 1, ({ connection }) => connection.begin()),
  immediateCommand("exec", 1, ({ connection }) => connection.commit()),
  immediateCommand("discard", 1, ({ connection }) => connection.discard()),
  immediateCommand("watch", -2, ({ connection }, args) => connection.watch(args.from(0))),
  connectionCommand("unwatch", 1, ({ connection }) => connection.unwatch()),
  immediateCommand("quit", -1, ({ connection }) => {
    connection.closeAfterReply();
    return OK;
  }),
  immediateCommand("reset", 1, ({ connection }) => {
    connection.reset();
    return new Status("RESET");
  }),
  immediateCommand("hello", -1, hello),
  connectionCommand("select", 2, ({ connection }, args) => {
    connection.select(args.int(0));
    return OK;
  }),
  // No password is set: everybody on this machine is let in, as with a redis-server of one's own.
  connectionCommand("auth", -2, () => OK),
  connectionCommand("subscribe", -2, ({ connection }, args) => {
    connection.subscribe("channel", args.from(0));
    return undefined;
  }),
  connectionCommand("psubscribe", -2, ({ connection }, args) => {
    connection.subscribe("pattern", args.from(0));
    return undefined;
  }),
  connectionCommand("unsubscribe", -1, ({ connection }, args) => {
    connection.unsubscribe("channel", args.from(0));
    return undefined;
  }),
  connectionCommand("punsubscribe", -1, ({ connection }, args) => {
    connection.unsubscribe("pattern", args.from(0));
    return undefined;
  }),
];
