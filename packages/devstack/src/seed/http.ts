import { z } from "zod";

const TIMEOUT_MS = 20_000;
/** So long a busy shop is asked again: the first start has all of a machine to itself, and may have a slow one. */
const PATIENCE_MS = 60_000;

export interface Call {
  /** What this call is for, as it stands in the error: "the order of ada@example.com". */
  readonly step: string;
  readonly url: string;
  readonly method?: "GET" | "POST" | "PATCH";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/**
 * Sends one call and reads its JSON, whatever the status; again when the shop says that it is busy, so what it asks for may be done twice.
 * @throws Error that names the step when nobody answers.
 */
export async function send(call: Call): Promise<Answer> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await sendOnce(call);
    if (answer.status !== 503 || Date.now() > until) return answer;
    await Bun.sleep(1_000 * Number(answer.headers.get("retry-after") ?? 1));
  }
}

async function sendOnce({ step, url, method = "GET", headers, body }: Call): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, headers: response.headers, body: jsonOf(await response.text()) };
  } catch (error) {
    throw new Error(`${step}: ${new URL(url).origin} does not answer`, { cause: error });
  }
}

/** Sends one call that has to succeed, and parses its answer. @throws Error that names the step and what was answered. */
export async function ask<S extends z.ZodType>(call: Call, schema: S): Promise<z.output<S>> {
  const answer = await send(call);
  if (answer.status >= 300) throw refused(call.step, answer);
  return parseAnswer(call.step, answer.body, schema);
}

/** @throws Error that names the step when what came back is not shaped as expected. */
export function parseAnswer<S extends z.ZodType>(step: string, body: unknown, schema: S): z.output<S> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Error(`${step}: the answer is not as expected: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The error of a step that was answered otherwise than it should have been. */
export function refused(step: string, { status, body }: Answer): Error {
  return new Error(`${step} was answered ${status}: ${JSON.stringify(body)?.slice(0, 500) ?? "nothing"}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text === "" ? null : text;
  }
}
