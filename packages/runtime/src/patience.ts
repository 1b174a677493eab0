import { Unavailable } from "./resilience.ts";

/**
 * How long each client waits, in one place. By their own defaults most wait far longer than a breaker, a shopper or an operator
 * would: postgres.js and QStash's client for ever, Stripe's 80 s, MongoDB's 30 s for a server and for ever on a socket.
 * Every line is proved by a test in which the network swallows all that is sent. Milliseconds unless named.
 */
export const patience = {
  postgres: {
    connectSeconds: 5,
    /** What the server itself ends. */
    statementMs: 10_000,
    lockMs: 5_000,
    idleInTransactionMs: 15_000,
    /** How much longer than the server's own limit an answer is waited for: then the network has lost it. */
    answerMarginMs: 2_000,
  },
  /** Core's work can wait a little, a shopper's page cannot. */
  redisInCore: { connectTimeout: 2_000, commandTimeout: 2_000 },
  redisAtEdge: { connectTimeout: 2_000, commandTimeout: 500 },
  mongodb: {
    serverSelectionTimeoutMS: 3_000,
    connectTimeoutMS: 3_000,
    socketTimeoutMS: 20_000,
    waitQueueTimeoutMS: 3_000,
  },
  typesenseInCore: { answerSeconds: 5 },
  typesenseAtEdge: { answerSeconds: 2, searchMs: 2_500 },
  qstash: { publishMs: 10_000 },
  /** One call to Stripe or PayPal; the gate's own limit comes just behind. */
  paymentProviders: { callMs: 10_000 },
  /** Until a bucket's answer begins; a picture is then read at its reader's pace. */
  media: { answerMs: 5_000 },
  smtp: { connectMs: 10_000, silenceMs: 20_000 },
} as const;

/** Waits no longer than this for work that has no time-out of its own. @throws Unavailable `timeout`; the work may yet end. */
export async function within<T>(
  work: Promise<T>,
  { name, ms }: { readonly name: string; readonly ms: number },
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unavailable(name, "timeout")), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
