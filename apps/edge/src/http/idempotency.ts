import { createHash } from "node:crypto";
import { canonicalJson, problem } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { z } from "zod";
import type { EdgeDeps } from "../deps.ts";

const KEY = /^[\x20-\x7e]{1,255}$/;
const KEPT_SECONDS = 24 * 60 * 60;
/** Longer than any request runs, so that a marker outlives its request only when the process died. */
const RUNNING_SECONDS = 30;

/** The request's Idempotency-Key; null when it sent none. @throws problem `validation_failed` for a malformed one. */
export function idempotencyKeyOf(headers: Headers): string | null {
  const key = headers.get("idempotency-key");
  if (key === null || KEY.test(key)) return key;
  const message = "must be 1 to 255 printable ASCII characters";
  throw problem("validation_failed", { errors: [{ path: "idempotency-key", message }] });
}

/** KEYS[1] = sorted set, ARGV = now (ms), member, seconds. Lists a member, and none that are gone by now. */
const LIST_LUA = `
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', tonumber(ARGV[1]) - tonumber(ARGV[3]) * 1000)
return redis.call('EXPIRE', KEYS[1], ARGV[3])`;

export type KeepingDeps = Pick<EdgeDeps, "store" | "clock">;

export interface KeyedRequest {
  readonly key: string;
  /** What the key belongs to: the account or the client's address, with the method and path. */
  readonly scope: string;
  /** The account, or the cart or order a guest asks about: by it what was answered is found when a person is erased. */
  readonly owner: string | null;
  readonly body: unknown;
}

/** One text for a key and whose it is; the same for the record here and for core's. */
export function ownedKey({ scope, key }: Pick<KeyedRequest, "scope" | "key">): string {
  return sha256(`${scope}\n${key}`);
}

const recordSchema = z.discriminatedUnion("state", [
  z.object({ state: z.literal("running"), fingerprint: z.string() }),
  z.object({
    state: z.literal("done"),
    fingerprint: z.string(),
    status: z.int(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
  }),
]);
type DoneRecord = Extract<z.output<typeof recordSchema>, { state: "done" }>;

/**
 * Runs the work once for its key: a repetition gets the very bytes of the first answer for 24 h, one that comes meanwhile
 * `request_in_progress`, one with another body `idempotency_key_reused`. An answer without effect frees the key again.
 */
export async function onceForKey(
  { store, clock }: KeepingDeps,
  request: KeyedRequest,
  work: () => Promise<Response>,
): Promise<Response> {
  const recordKey = `edge:once:${ownedKey(request)}`;
  const fingerprint = sha256(canonicalJson(request.body ?? {}));
  const running = JSON.stringify({ state: "running", fingerprint });
  const begun = await store.putIfAbsent(recordKey, running, RUNNING_SECONDS);
  if (!begun) {
    const replayed = replay(await store.get(recordKey), fingerprint);
    if (replayed) return replayed;
    // The record went away between the two commands: what held it had no effect, so this one may run.
    if (!(await store.putIfAbsent(recordKey, running, RUNNING_SECONDS))) throw problem("request_in_progress");
  }
  return keepAnswer({ store, clock }, { recordKey, fingerprint, owner: request.owner }, work);
}

interface Keeping extends Pick<KeyedRequest, "owner"> {
  readonly recordKey: string;
  readonly fingerprint: string;
}

async function keepAnswer(
  { store, clock }: KeepingDeps,
  { recordKey, fingerprint, owner }: Keeping,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    const answer = await work();
    const body = await answer.clone().text();
    const kept = { "content-type": answer.headers.get("content-type"), location: answer.headers.get("location") };
    const headers = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== null));
    const record = { state: "done", fingerprint, status: answer.status, headers, body };
    // The work is done: an answer that cannot be kept is still the answer. Core's own key then guards a repetition.
    await Promise.all([
      store.put(recordKey, JSON.stringify(record), KEPT_SECONDS),
      owner !== null && store.run(LIST_LUA, [keys.answersOf(owner)], [clock.now(), recordKey, KEPT_SECONDS]),
    ]).catch(() => {});
    return answer;
  } catch (error) {
    await store.remove(recordKey).catch(() => {});
    throw error;
  }
}

function replay(text: string | null, fingerprint: string): Response | null {
  if (text === null) return null;
  const record = recordSchema.parse(JSON.parse(text));
  if (record.fingerprint !== fingerprint) throw problem("idempotency_key_reused");
  if (record.state === "running") throw problem("request_in_progress", { retryAfterSeconds: 1 });
  return replayedResponse(record);
}

function replayedResponse({ status, headers, body }: DoneRecord): Response {
  return new Response(body, {
    status,
    headers: { ...headers, "cache-control": "private, no-store", "idempotent-replayed": "true" },
  });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
