import { z } from "zod";

/** What is wrong with the environment, one sentence a variable. Never holds a value: it may be a secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly sentences: readonly string[]) {
    super(`The configuration is not usable:\n${sentences.map((sentence) => `  - ${sentence}`).join("\n")}`);
  }
}

/**
 * Reads a configuration out of environment variables. An empty variable counts as absent, as in a `.env` file.
 * @throws ConfigError that names every wrong variable at once.
 */
export function loadConfig<T extends z.ZodType>(
  schema: T,
  env: Readonly<Record<string, string | undefined>>,
): z.output<T> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => sentence(issue, given)));
}

function sentence(issue: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>): string {
  const [name] = issue.path;
  if (name === undefined) return `${capitalised(issue.message)}.`;
  if (!Object.hasOwn(given, name)) return `${String(name)} is not set, but needed.`;
  return `${String(name)} is wrong: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}.`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A port number, 0 meaning "any free one". */
export const portSchema = z.coerce.number("must be a port number").int().min(0).max(65_535);

/** "true"/"false"/"1"/"0"; anything else is refused. */
export const flagSchema = z
  .enum(["true", "false", "1", "0"], { error: "must be true or false" })
  .transform((text) => text === "true" || text === "1");

/** A comma-separated list, blanks trimmed, empty members dropped. */
export const listSchema = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);
