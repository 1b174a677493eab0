const DEPTH_MAX = 6;
const MEMBERS_MAX = 50;
const TEXT_LENGTH_MAX = 4_000;
export const REDACTED = "[redacted]";

/** Members whose value never belongs in a log, whatever it looks like. Separators and case do not matter. */
const SECRET_MEMBERS =
  /^(.*(password|passwd|secret|authorization|cookie|apikey|privatekey|signature|credential).*|.*token(hash)?|e?mail|.*email|phone|line1|line2|postalcode|card|cardnumber|cvc|cvv|iban|shippingaddress|billingaddress)$/;

/** Texts that are a secret or a person wherever they stand, also inside a message or a stack. */
const SECRET_TEXTS: readonly RegExp[] = [
  /[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g,
  /\bBearer\s+[\w.~+/=-]+/gi,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /\b(?:sk|rk|whsec|pi|seti)_[\w]*(?:_secret_|live_|test_)?[\w]{8,}/g,
  /(?<=:\/\/)[^\s/@]{1,256}@/g,
  // What drizzle says of a statement that failed ends in all of its values: names, addresses, tokens.
  /(?<=\nparams: )[\s\S]*/g,
];

/** A text without e-mail addresses, bearer tokens, JWTs, provider keys, values of statements and the user part of URLs; cut at 4,000 characters. */
export function redactText(text: string): string {
  return SECRET_TEXTS.reduce((rest, pattern) => rest.replace(pattern, REDACTED), bounded(text));
}

/** Cut before the word that the limit falls into: half a secret is not known for one, and tells nearly as much. */
function bounded(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX).replace(/\S+$/, "")}…` : text;
}

/** What went wrong without the error's name, fit to be kept and shown to staff. */
export function errorMessage(error: unknown, lengthMax: number): string {
  return redactText(error instanceof Error ? error.message : String(error)).slice(0, lengthMax);
}

/** What an error says, fit to be kept and shown to staff: as in a log, nothing secret and nobody is named in it. */
export function errorText(error: unknown, lengthMax: number): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return redactText(text).slice(0, lengthMax);
}

/** A copy that may be logged: secrets out, errors as data, depth and breadth bounded. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return typeof value === "function" ? "[function]" : value;
  if (depth >= DEPTH_MAX) return "[deep]";
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.slice(0, MEMBERS_MAX).map((item) => redact(item, depth + 1));
  const members = Object.entries(value)
    .slice(0, MEMBERS_MAX)
    .map(([name, member]) => [name, isSecretMember(name) ? REDACTED : redact(member, depth + 1)]);
  return Object.fromEntries(members);
}

function isSecretMember(name: string): boolean {
  return SECRET_MEMBERS.test(name.replace(/[-_.\s]/g, "").toLowerCase());
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const code: unknown = "code" in error ? error.code : undefined;
  const message = redactText(error.message);
  return {
    type: error.name,
    message,
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: redactStack(error.stack, error.message) }),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}

/** A stack begins with the message, and where that ends only the message tells. */
function redactStack(stack: string, message: string): string {
  const at = stack.indexOf(message);
  if (at === -1) return redactText(stack);
  return redactText(stack.slice(0, at) + message) + redactText(stack.slice(at + message.length));
}
