import { answerControl } from "../stand-in/control-paths.ts";
import { throughFaults } from "../stand-in/fault-gate.ts";
import { findRoute } from "../stand-in/find-route.ts";
import { type DoorAnswer, type DoorOutcome, type DoorRequest, headerOf, jsonAnswer } from "../stand-in/http-door.ts";
import type { ApiGround, PaymentApi } from "../stand-in/payment-stand-in.ts";
import { booksOf } from "./account.ts";
import { injectedFailure, refusalAnswer, reply } from "./answers.ts";
import { APPROVAL_PATH, answerApproval } from "./approval-page.ts";
import { expireAuthorizations } from "./authorizations.ts";
import { settleCaptures } from "./captures.ts";
import { openDispute, openDisputeSchema } from "./disputes.ts";
import { invalidRequest, PaypalRefusal } from "./errors.ts";
import { EVENT_KEPT_MS } from "./events.ts";
import { inputOf } from "./form-input.ts";
import { refuseAsMocked } from "./mock-response.ts";
import { settleRefunds } from "./refunds.ts";
import type { RequestIds } from "./request-ids.ts";
import { reverseCapture, reverseSchema } from "./reversals.ts";
import { operations, parseBody, type Route, routes } from "./routes.ts";
import { CERTIFICATE_PATH, type Signer, verifySchema } from "./signing.ts";
import { issueToken, isToken } from "./tokens.ts";
import type { Account, Turn } from "./turn.ts";
import { settleTokens } from "./vault.ts";

const SWEEP_BATCH = 100;
/** What a buyer does in PayPal's resolution centre, and PayPal by itself; for tests, as the other paths that begin so. */
const levers: Readonly<Record<string, (options: ApiOptions, request: DoorRequest) => DoorAnswer>> = {
  "POST /_stoa/disputes": (options, request) => {
    const { capture, reason } = parseBody(openDisputeSchema, jsonOf(request));
    return jsonAnswer(200, { dispute_id: commit(options, () => openDispute(turnOf(options), capture, reason)) });
  },
  "POST /_stoa/reversals": (options, request) => {
    const { capture } = parseBody(reverseSchema, jsonOf(request));
    return jsonAnswer(200, { id: commit(options, () => reverseCapture(turnOf(options), capture)) });
  },
};

export interface ApiOptions extends ApiGround {
  readonly account: Account;
  readonly requestIds: RequestIds;
  readonly signer: Signer;
  readonly clientId: string;
  readonly clientSecret: string;
}

export function createApi(options: ApiOptions): PaymentApi {
  const { account, clock, faults } = options;
  const sweep = () => {
    const idle = turnOf(options);
    const batches = commit(options, () => [
      expireAuthorizations(idle, SWEEP_BATCH),
      settleCaptures(idle, SWEEP_BATCH),
      settleRefunds(idle, SWEEP_BATCH),
      settleTokens(idle, SWEEP_BATCH),
    ]);
    if (batches.includes(SWEEP_BATCH)) sweep();
  };
  const books = () => booksOf(account);
  const control = faults === null ? null : { faults, clock, operations, books, clockMoved: sweep };
  return {
    sweep,
    prune: () => {
      options.requestIds.prune(clock.now());
      account.events.prune(clock.now() - EVENT_KEPT_MS);
    },
    handle: async (request) => {
      const controlled = control === null ? null : answerControl(request, control);
      if (controlled !== null) return controlled;
      try {
        const lever = control === null ? undefined : levers[`${request.method} ${request.path}`];
        if (lever) return lever(options, request);
        return await answer(options, request);
      } catch (error) {
        if (error instanceof PaypalRefusal) return refusalAnswer(error);
        throw error;
      }
    },
  };
}

async function answer(options: ApiOptions, request: DoorRequest): Promise<DoorOutcome> {
  const { faults, signer } = options;
  switch (`${request.method} ${request.path}`) {
    case `GET ${APPROVAL_PATH}`:
    case `POST ${APPROVAL_PATH}`:
      return commit(options, () => answerApproval(turnOf(options), request));
    case `GET ${CERTIFICATE_PATH}`:
      return { status: 200, headers: { "content-type": "application/x-pem-file" }, body: signer.publicKey };
    case "POST /v1/oauth2/token":
      return throughFaults(faults, "oauth.token", { run: () => answerToken(options, request), fail: injectedFailure });
    default:
  }
  const refused = checkToken(options, request);
  if (refused !== null) return refused;
  if (request.method === "POST" && request.path === "/v1/notifications/verify-webhook-signature") {
    return throughFaults(faults, "webhooks.verify", {
      run: () => answerVerify(options, request),
      fail: injectedFailure,
    });
  }
  const found = findRoute(routes, request.method, request.path);
  if (found === null) throw new PaypalRefusal(404, "RESOURCE_NOT_FOUND");
  return answerRoute(options, { ...found, request });
}

interface Call {
  readonly route: Route;
  readonly id: string;
  readonly request: DoorRequest;
}

async function answerRoute(options: ApiOptions, call: Call): Promise<DoorOutcome> {
  const { request, route } = call;
  const { requestIds, clock } = options;
  const requestId = request.method === "POST" ? headerOf(request, "paypal-request-id") : null;
  const kept = requestId === null ? null : requestIds.claim(requestId, request.path, clock.now());
  if (kept !== null) return reply(kept.status, kept.body);
  try {
    return await throughFaults(options.faults, route.operation, {
      run: () => runSafely(options, call, requestId),
      fail: injectedFailure,
    });
  } finally {
    if (requestId !== null) requestIds.release(requestId, request.path);
  }
}

/** Runs the endpoint in one transaction with its webhooks and the answer kept under the request id. */
function runSafely(options: ApiOptions, call: Call, requestId: string | null): DoorAnswer {
  const { request, route } = call;
  try {
    return commit(options, () => {
      if (request.method === "POST") refuseAsMocked(headerOf(request, "paypal-mock-response"));
      const input = request.method === "GET" ? Object.fromEntries(request.query) : jsonOf(request);
      const result = route.run(turnOf(options), call.id, input);
      const wantsAll = headerOf(request, "prefer") === "return=representation";
      const status = wantsAll ? result.status : (result.minimalStatus ?? result.status);
      const content = wantsAll ? result.full : result.minimal;
      const body = content === null ? "" : JSON.stringify(content);
      if (requestId !== null) {
        options.requestIds.store(requestId, request.path, { status, body }, options.clock.now());
      }
      return reply(status, body);
    });
  } catch (error) {
    if (error instanceof PaypalRefusal) return refusalAnswer(error);
    throw error;
  }
}

const SCOPES = [
  "https://uri.paypal.com/services/payments/payment/authcapture",
  "https://uri.paypal.com/services/vault/payment-tokens/readwrite",
  "https://uri.paypal.com/services/disputes/read-seller",
  "https://uri.paypal.com/services/disputes/update-seller",
  "https://uri.paypal.com/services/reporting/search/read",
].join(" ");

function answerToken(options: ApiOptions, request: DoorRequest): DoorAnswer {
  const credentials = Buffer.from(`${options.clientId}:${options.clientSecret}`).toString("base64");
  if (headerOf(request, "authorization") !== `Basic ${credentials}`) {
    return jsonAnswer(401, { error: "invalid_client", error_description: "Client Authentication failed" });
  }
  if (new URLSearchParams(request.body).get("grant_type") !== "client_credentials") {
    return jsonAnswer(400, { error: "unsupported_grant_type", error_description: "Grant Type is not supported" });
  }
  const { token, expiresIn } = issueToken(options.clientSecret);
  return jsonAnswer(200, {
    scope: SCOPES,
    access_token: token,
    token_type: "Bearer",
    app_id: "APP-STANDIN",
    expires_in: expiresIn,
    nonce: new Date().toISOString(),
  });
}

function checkToken(options: ApiOptions, request: DoorRequest): DoorAnswer | null {
  const authorization = headerOf(request, "authorization") ?? "";
  if (isToken(authorization.replace(/^Bearer /, ""), options.clientSecret)) return null;
  return jsonAnswer(401, { error: "invalid_token", error_description: "Token signature verification failed" });
}

function answerVerify(options: ApiOptions, request: DoorRequest): DoorAnswer {
  const body = parseBody(verifySchema, jsonOf(request));
  const holds = options.signer.verifies(body, request.body, options.baseUrl + CERTIFICATE_PATH);
  return jsonAnswer(200, { verification_status: holds ? "SUCCESS" : "FAILURE" });
}

function jsonOf(request: DoorRequest): unknown {
  if (request.body.trim() === "") return {};
  try {
    return JSON.parse(inputOf(headerOf(request, "content-type") ?? "", request.body));
  } catch {
    throw invalidRequest("MALFORMED_REQUEST_JSON", "The request JSON is not well formed.");
  }
}

function turnOf({ account, clock, baseUrl, faults }: ApiOptions): Turn {
  return { ...account, nowMs: clock.now(), baseUrl, faults };
}

function commit<Result>(options: ApiOptions, work: () => Result): Result {
  const result = options.database.transaction(work).immediate();
  options.account.courier.wake();
  return result;
}
