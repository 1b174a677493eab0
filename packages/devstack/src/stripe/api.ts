import { answerControl } from "../stand-in/control-paths.ts";
import { type Failure, throughFaults } from "../stand-in/fault-gate.ts";
import { findRoute } from "../stand-in/find-route.ts";
import { type DoorAnswer, type DoorOutcome, type DoorRequest, headerOf } from "../stand-in/http-door.ts";
import type { ApiGround, PaymentApi } from "../stand-in/payment-stand-in.ts";
import { booksOf } from "./account.ts";
import { refusalAnswer, reply } from "./answers.ts";
import { answerAuthentication, authenticationPageOf } from "./authentication-page.ts";
import { expireHolds } from "./capture.ts";
import { StripeRefusal } from "./errors.ts";
import { EVENT_KEPT_MS } from "./events.ts";
import { type Form, parseForm } from "./form.ts";
import type { IdempotencyKeys } from "./idempotency.ts";
import { settleRefunds } from "./refunds.ts";
import { type Route, routes } from "./routes.ts";
import { type Account, newId, type Turn } from "./turn.ts";

const SWEEP_BATCH = 100;

export interface ApiOptions extends ApiGround {
  readonly account: Account;
  readonly keys: IdempotencyKeys;
  readonly secretKey: string;
}

interface Call {
  readonly route: Route;
  readonly id: string;
  readonly request: DoorRequest;
  readonly requestId: string;
  readonly idempotencyKey: string | null;
}

export function createApi(options: ApiOptions): PaymentApi {
  const { database, account, clock, faults, baseUrl } = options;
  const turn = (request: Turn["request"]): Turn => ({ ...account, nowMs: clock.now(), baseUrl, request });
  const commit = <Result>(work: () => Result): Result => {
    const result = database.transaction(work).immediate();
    account.courier.wake();
    return result;
  };
  const sweep = () => {
    const idle = turn({ id: null, idempotencyKey: null });
    const full = commit(() => {
      return [expireHolds(idle, SWEEP_BATCH), settleRefunds(idle, SWEEP_BATCH)].includes(SWEEP_BATCH);
    });
    if (full) sweep();
  };
  const control =
    faults === null ? null : { faults, clock, operations, books: () => booksOf(account), clockMoved: sweep };

  return {
    sweep,
    prune: () => {
      options.keys.prune(clock.now());
      account.events.prune(Date.now() - EVENT_KEPT_MS);
    },
    handle: async (request) => {
      const controlled = control === null ? null : answerControl(request, control);
      if (controlled !== null) return controlled;
      const page = authenticationPageOf(request.path);
      if (page !== null) {
        return commit(() => answerAuthentication(turn({ id: null, idempotencyKey: null }), request, page));
      }
      const requestId = newId("req");
      try {
        return await answerCall(options, callOf(options, request, requestId), { turn, commit });
      } catch (error) {
        if (error instanceof StripeRefusal) return refusalAnswer(error, requestId);
        throw error;
      }
    },
  };
}

/** What fault rules may name. */
const operations = [...routes.map((route) => route.operation), "webhook"];

function callOf(options: ApiOptions, request: DoorRequest, requestId: string): Call {
  if (headerOf(request, "authorization") !== `Bearer ${options.secretKey}`) {
    throw new StripeRefusal(401, { type: "invalid_request_error", message: "Invalid API Key provided" }, false);
  }
  const found = request.path.startsWith("/v1/")
    ? findRoute(routes, request.method, request.path.slice("/v1/".length))
    : null;
  if (found === null) {
    const message = `Unrecognized request URL (${request.method}: ${request.path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`;
    throw new StripeRefusal(404, { type: "invalid_request_error", message }, false);
  }
  const idempotencyKey = request.method === "POST" ? headerOf(request, "idempotency-key") : null;
  return { ...found, request, requestId, idempotencyKey };
}

interface Workshop {
  readonly turn: (request: Turn["request"]) => Turn;
  readonly commit: <Result>(work: () => Result) => Result;
}

async function answerCall(options: ApiOptions, call: Call, workshop: Workshop): Promise<DoorOutcome> {
  const { keys, clock } = options;
  const { idempotencyKey: key, request } = call;
  const stored = key === null ? null : keys.claim(key, request, clock.now());
  if (stored !== null) {
    return reply(stored.status, stored.body, call.requestId, {
      ...keyHeaders(call),
      "idempotent-replayed": "true",
      "original-request": stored.requestId,
      ...(stored.status >= 500 ? { "stripe-should-retry": "false" } : {}),
    });
  }
  try {
    return await throughFaults(options.faults, call.route.operation, {
      run: () => run(options, call, workshop),
      fail: (failure) => injectedFailure(options, call, failure),
    });
  } finally {
    if (key !== null) keys.release(key);
  }
}

/** Runs the endpoint in one transaction with its events, its webhooks and the answer kept under the idempotency key. */
function run(options: ApiOptions, call: Call, workshop: Workshop): DoorAnswer {
  const turn = workshop.turn({ id: call.requestId, idempotencyKey: call.idempotencyKey });
  try {
    return workshop.commit(() => {
      const answer = attempt(turn, call);
      keep(options, call, answer);
      return answer;
    });
  } catch (error) {
    // The transaction is rolled back: a refusal that ran leaves no trace but itself.
    if (!(error instanceof StripeRefusal)) throw error;
    const answer = refusalAnswer(error, call.requestId);
    if (error.executed) keep(options, call, answer);
    return answer;
  }
}

function attempt(turn: Turn, call: Call): DoorAnswer {
  try {
    const result = call.route.run(turn, call.id, formOf(call.request));
    return reply(200, JSON.stringify(result), call.requestId, keyHeaders(call));
  } catch (error) {
    if (error instanceof StripeRefusal && error.trace === "effects") return refusalAnswer(error, call.requestId);
    throw error;
  }
}

function formOf(request: DoorRequest): Form {
  return parseForm(request.method === "GET" ? request.query.toString() : request.body);
}

function keep(options: ApiOptions, call: Call, answer: DoorAnswer): void {
  const { idempotencyKey: key, request, requestId } = call;
  if (key === null) return;
  options.keys.store(key, request, { status: answer.status, body: answer.body, requestId }, options.clock.now());
}

/**
 * A 500 happens inside the endpoint, so Stripe keeps it under the key and replays it; any other status
 * (429, 503 …) turns the request away at the door and is not kept.
 */
function injectedFailure(options: ApiOptions, call: Call, failure: Failure): DoorAnswer {
  const { status = 503, code, retryAfterSeconds } = failure;
  const body = {
    type: status >= 500 ? "api_error" : "invalid_request_error",
    message: status === 429 ? "Request rate limit exceeded." : "An unknown error occurred.",
    ...(code === undefined ? (status === 429 ? { code: "rate_limit" } : {}) : { code }),
  } as const;
  const answer = refusalAnswer(new StripeRefusal(status, body, status === 500), call.requestId, {
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
    ...(status === 500 && call.idempotencyKey !== null ? { "stripe-should-retry": "false" } : {}),
  });
  if (status === 500) keep(options, call, answer);
  return answer;
}

function keyHeaders(call: Call): Readonly<Record<string, string>> {
  return call.idempotencyKey === null ? {} : { "idempotency-key": call.idempotencyKey };
}
