import { type ParseArgsConfig, parseArgs } from "node:util";

// Runs on a checkout without node_modules, so it may import only node: and bun: modules.

type Options = NonNullable<ParseArgsConfig["options"]>;

/** What a script was asked for. Ends the process where help is asked for, or an option is unknown, which is told in a sentence. */
export function readOptions<const O extends Options>(options: O, help: string) {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    console.log(help);
    process.exit(0);
  }
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`);
    process.exit(2);
  }
}
