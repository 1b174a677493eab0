import { type ParseArgsConfig, parseArgs } from "node:util";

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

function isHelp(values: object): boolean {
  return "help" in values && values.help === true;
}
