import { Args } from "../arguments.ts";
import type { Block, Command, CommandContext } from "../command.ts";
import { RedisError, type Reply } from "../reply.ts";
import { bitCommands } from "./bits.ts";
import { connectionCommands } from "./connection.ts";
import { geoCommands } from "./geo.ts";
import { hashCommands } from "./hashes.ts";
import { hyperLogLogCommands } from "./hyperloglog.ts";
import { keyCommands } from "./keys.ts";
import { listCommands } from "./lists.ts";
import { scriptCommands } from "./scripts.ts";
import { serverCommands } from "./server.ts";
import { setCommands } from "./sets.ts";
import { sortedSetRangeCommands } from "./sorted-set-ranges.ts";
import { sortedSetCommands } from "./sorted-sets.ts";
import { streamGroupCommands } from "./stream-groups.ts";
import { streamCommands } from "./streams.ts";
import { stringCommands } from "./strings.ts";

const table: ReadonlyMap<string, Command> = new Map(
  [
    ...stringCommands,
    ...keyCommands,
    ...hashCommands,
    ...listCommands,
    ...setCommands,
    ...sortedSetCommands,
    ...sortedSetRangeCommands,
    ...streamCommands,
    ...streamGroupCommands,
    ...bitCommands,
    ...hyperLogLogCommands,
    ...geoCommands,
    ...serverCommands,
    ...connectionCommands,
    ...scriptCommands,
  ].map((command) => [command.name, command]),
);

/** The command these words call; refused as Redis refuses what it does not know or what has the wrong number of words. */
export function findCommand(words: readonly string[]): Command {
  const name = (words[0] ?? "").toLowerCase();
  const command = table.get(name);
  if (!command) {
    const shown = words
      .slice(1, 5)
      .map((word) => `'${word.slice(0, 128)}' `)
      .join("");
    throw new RedisError(`ERR unknown command '${words[0]?.slice(0, 128)}', with args beginning with: ${shown}`);
  }
  const fits = command.arity >= 0 ? words.length === command.arity : words.length >= -command.arity;
  if (!fits) throw new RedisError(`ERR wrong number of arguments for '${name}' command`);
  return command;
}

export function runCommand(
  command: Command,
  context: CommandContext,
  words: readonly string[],
): Reply | Block | undefined {
  return command.run(context, new Args(words));
}
