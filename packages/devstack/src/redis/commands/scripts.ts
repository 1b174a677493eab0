import type { Args } from "../arguments.ts";
import { type CommandContext, connectionCommand } from "../command.ts";
import { OK, RedisError, type Reply } from "../reply.ts";

function runScript(context: CommandContext, sha: string, args: Args): Reply {
  const keyCount = args.int(1);
  if (keyCount < 0) throw new RedisError("ERR Number of keys can't be negative");
  if (keyCount > args.length - 2) throw new RedisError("ERR Number of keys can't be greater than number of args");
  return context.shared.scripts.run(sha, context, args.slice(2, 2 + keyCount), args.from(2 + keyCount));
}

function manage({ shared }: CommandContext, args: Args): Reply {
  switch (args.upper(0)) {
    case "LOAD":
      return shared.scripts.load(args.text(1));
    case "EXISTS":
      return args.from(1).map((sha) => (shared.scripts.exists(sha) ? 1 : 0));
    case "FLUSH":
      shared.scripts.forget();
      return OK;
    default:
      throw new RedisError(`ERR unknown subcommand '${args.text(0)}'. Try SCRIPT HELP.`);
  }
}

export const scriptCommands = [
  connectionCommand("eval", -3, (context, args) => runScript(context, context.shared.scripts.load(args.text(0)), args)),
  connectionCommand("evalsha", -3, (context, args) => runScript(context, args.text(0).toLowerCase(), args)),
  connectionCommand("script", -2, manage),
];
