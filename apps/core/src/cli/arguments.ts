import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { Output } from "./output.ts";

type Options = NonNullable<ParseArgsConfig["options"]> & { readonly help: { type: "boolean"; short: "h" } };

/** One file and its options; null when help is asked for, or a sentence that says what is wrong. @param missing says that no file is named. */
export function fileAndOptions<const O extends Options>(args: readonly string[], options: O, missing: string) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (isHelp(values)) return null;
    const [file, ...others] = positionals;
    return file && others.length === 0 ? { file, values } : missing;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What was read of a command's arguments; where help is asked for, or something is wrong with them, says so and answers the exit code. */
export function commandOr<C extends object>(
  read: C | string | null,
  { output, usage }: { readonly output: Output; readonly usage: string },
): C | number {
  if (read !== null && typeof read !== "string") return read;
  output.write(read === null ? usage : `${read}\n\n${usage}`);
  return read === null ? 0 : 2;
}

/** Says that a file to be written would have no folder; null where it has one. */
export function folderTrouble(file: string): string | null {
  const folder = dirname(resolve(file));
  return existsSync(folder) ? null : `There is no folder ${folder}.`;
}

function isHelp(values: object): boolean {
  return "help" in values && values.help === true;
}
