import { Unavailable } from "@stoa/runtime";

/** When to ask again while a store is away. */
export const AWAY_SECONDS = 2;

const CAUSES_MAX = 5;

/** postgres.js's own words for a connection that is not there, and those of the system below it. */
const CONNECTION_CODES: ReadonlySet<unknown> = new Set([
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
]);

/** A lost connection, one too many, a server that starts or stops, and what it ended because it took too long. Source: PostgreSQL, "Error codes". */
const POSTGRES_STATES = /^(?:08...|53300|57P0[123]|57014|55P03)$/;

/** MongoDB's client tells a server that it cannot reach by the error's name. */
const MONGODB_NAMES =
  /^(?:MongoNetwork\w*|MongoServerSelection\w*|MongoWaitQueueTimeout\w*|(?:Mongo)?PoolCleared\w*)Error$/;

/** ioredis has no codes for these. */
const REDIS_WORDS = /^(?:Connection is closed\.|Command timed out|Stream isn't writeable)/;

/** Whether a failure is that Postgres, MongoDB or Redis cannot be reached or does not answer: no fault of what was asked. */
export function isStoreAway(error: unknown): boolean {
  let at = error;
  for (let depth = 0; depth < CAUSES_MAX && at instanceof Error; depth += 1) {
    if (at instanceof Unavailable || isAway(at)) return true;
    at = at.cause;
  }
  return false;
}

function isAway(error: Error): boolean {
  const code = "code" in error ? error.code : undefined;
  if (CONNECTION_CODES.has(code)) return true;
  if (error.name === "PostgresError") return POSTGRES_STATES.test(String(code));
  return (
    MONGODB_NAMES.test(error.name) || error.name === "MaxRetriesPerRequestError" || REDIS_WORDS.test(error.message)
  );
}
