const DEPTH_MAX = 6;
const MEMBERS_MAX = 50;
const TEXT_LENGTH_MAX = 4_000;
export const REDACTED = "[redacted]";

/** Members whose value never belongs in a log, whatever it looks like. Separators and case do not matter. */
const SECRET_MEMBERS =
  /^(.*(password|passwd|secret|authorization|cookie|apikey|privatekey|signature|credential).*|.*token(hash)?|e?mail|.*email|phone|line1|line2|postalcode|card|cardnumber|cvc|cvv|iban|shippingaddress|billingaddress)$/;

/** Texts that are a secret or a person wherever they stand, also inside a message or a stack. */
const SECRET_TEXTS: readonly RegExp[] = [
  // Ends in a name, so that a version ("package@1.2.3-beta.rc") is none; nor is a picture's size ("icon@2x.png"). %40 stands in URLs.
  /[\p{L}\p{N}_.%+'&-]{1,64}(?:@|%40)(?!\d+(?:\.\d|x\.))(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}[\p{L}\p{N}-]{1,62}/giu,
  // Not where only the scheme is talked of: "Bearer token missing".
  /\bBearer\s+(?!(?:tokens?|auth|authentication|authorization|scheme|realm|error|is|of|and|or)\b)[\w.~+/=-]+/gi,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  // Stripe's, and the shop's own, which are of base64url.
  /\b(?:sk|rk)_(?:live|test)_\w{8,}/g,
  /\bsk_[\w-]{40,}/g,
  /\bwhsec_[\w+/=]{8,}/g,
  // An id of Stripe's is no secret until its secret hangs on it.
  /(?<=\b(?:pi|seti|cs|ek)_\w{1,200}_secret_)\w+/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(?<=[?&](?:token|access_?token|api_?key|client_?secret|secret|password|signature)=)[^\s&#"'<>]+/gi,
  /(?<=:\/\/)[^\s/@]{1,256}@/g,
  // What drizzle says of a statement that failed ends in all of its values: names, addresses, tokens.
  /(?<=\nparams: )[\s\S]*/g,
];

/** As long as a card's number and beginning as one, in groups or not; an instant in milliseconds or nanoseconds begins with 1. */
const CARD_LIKE = /(?<![\w.-])[2-6](?:[ -]?\d){13,18}(?![\w-]|\.\d)/g;

/** Whether the check digit is right; nine of ten other numbers are told by it. */
function isCardNumber(text: string): boolean {
  const digits = [...text.replace(/\D/g, "")].reverse().map(Number);
  const sum = digits.reduce((total, digit, index) => {
    const twice = digit * 2;
    return total + (index % 2 === 0 ? digit : twice > 9 ? twice - 9 : twice);
  }, 0);
  return sum % 10 === 0;
}

/**
 * A text without e-mail addresses, card numbers, bearer tokens, JWTs, keys, values of statements, and secrets and user part of URLs;
 * cut at 4,000 characters.
 */
export function redactText(text: string): string {
  const rest = SECRET_TEXTS.reduce((left, pattern) => left.replace(pattern, REDACTED), bounded(text));
  return rest.replace(CARD_LIKE, (number) => (isCardNumber(number) ? REDACTED : number));
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
