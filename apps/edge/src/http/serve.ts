import type { Endpoint } from "@stoa/contract";
import { DEFAULT_CHANNEL, problem } from "@stoa/kernel";
import { z } from "zod";
import type { CoreCall, ShopActor } from "../core-port.ts";
import type { EdgeDeps, ServerLike } from "../deps.ts";
import { ORDER_TOKEN_HEADER } from "../orders/read-order.ts";
import { admitKeys, keysIn } from "./api-keys.ts";
import { Arrival, arrive, assertSize, completeUnmeasured, type PublicMade } from "./arrival.ts";
import type { Call, PrivateRoute, PublicRoute, Route } from "./call.ts";
import { rateLimitSubject } from "./client-address.ts";
import { idempotencyKeyOf, type KeyedRequest, onceForKey, ownedKey } from "./idempotency.ts";
import { parseBody, parseInputs } from "./inputs.ts";
import { urgencyOf } from "./load-shedding.ts";
import { assertOwnOrigin } from "./origins.ts";
import { applyVerdict, type Limit } from "./rate-limit.ts";
import { findCaller, guest } from "./session.ts";
import { answerAll } from "./shared-answers.ts";

/** What the server knows of a request before it is looked at. */
export interface Incoming {
  readonly request: Request;
  readonly server: ServerLike | null;
  /** Path parameters, decoded: only when somebody asks, for an answer that is held is found by the path as it came. */
  readonly params: () => Readonly<Record<string, string>>;
}

/** Answers a request to an endpoint under the rules that hold everywhere. Never throws and never rejects. */
export function serve(deps: EdgeDeps, route: Route, incoming: Incoming): Promise<Response> | Response {
  const { endpoint } = route;
  if ("make" in route) {
    // Nothing is asked of the socket for an answer that is held and not counted.
    const arrival = new Arrival(deps, incoming, endpoint.path);
    return completeUnmeasured(deps, arrival, () => answerShared(deps, route, { incoming, arrival }));
  }
  const arrival = arrive(deps, incoming, endpoint.path);
  const accepted = { incoming, arrival };
  const work = () => {
    const counted = count(deps, endpoint, arrival);
    return counted ? counted.then(() => answerOne(deps, route, accepted)) : answerOne(deps, route, accepted);
  };
  const urgency = urgencyOf(endpoint);
  return completeUnmeasured(deps, arrival, () => (urgency === null ? work() : deps.load.admit(urgency, work)));
}

interface Accepted {
  readonly incoming: Incoming;
  readonly arrival: Arrival;
}

/**
 * Counts the call against the limits of its key and its address; a machine's against its key alone. Of the key it learns the channel, too.
 * @throws problem `rate_limited`.
 */
function count(deps: EdgeDeps, endpoint: Endpoint, arrival: Arrival): Promise<void> | void {
  const presented = keysIn(arrival.request.headers);
  if (!presented) return spendAddress(deps, arrival, endpoint);
  arrival.askAddress();
  return admitKeys(deps, arrival, { endpoint, presented }).then(({ kind, channel = DEFAULT_CHANNEL }) => {
    arrival.channel = channel;
    return kind === "secret" ? undefined : spendAddress(deps, arrival, endpoint);
  });
}

function spendAddress(deps: EdgeDeps, arrival: Arrival, { rateClass }: Endpoint): Promise<void> | void {
  if (rateClass === "none" || deps.settings.limits[rateClass].perMinute === 0) return;
  return spend(deps, arrival, { rateClass, subject: rateLimitSubject(arrival.clientAddress) });
}

function answerShared(
  deps: EdgeDeps,
  route: PublicRoute,
  accepted: Accepted,
): Promise<Response | PublicMade> | PublicMade {
  const counted = count(deps, route.endpoint, accepted.arrival);
  return counted ? counted.then(() => answerAll(deps, route, accepted)) : answerAll(deps, route, accepted);
}

async function answerOne(deps: EdgeDeps, { endpoint, handle }: PrivateRoute, accepted: Accepted): Promise<Response> {
  const { arrival } = accepted;
  const { request } = arrival;
  assertSize(arrival);
  const idempotencyKey = endpoint.idempotency === "none" ? null : idempotencyKeyOf(request.headers);
  const { signal } = request;
  const core: CoreCall = {
    isGone: () => signal.aborted,
    actor: guest,
    clientAddress: arrival.clientAddress,
    requestId: arrival.requestId,
    traceparent: arrival.traceparent,
    idempotencyKey: null,
  };
  const actor = endpoint.auth === "none" ? guest : await admit(deps, accepted, { endpoint, core });
  const inputs = parseInputs(endpoint, { arrival, params: accepted.incoming.params() });
  const isRead = request.method === "GET" || request.method === "HEAD";
  const body = isRead ? undefined : await parseBody(endpoint, request);
  if (endpoint.idempotency === "required" && idempotencyKey === null) throw problem("idempotency_key_required");
  const keyed = idempotencyKey === null ? null : keyedBy(idempotencyKey, { endpoint, actor, arrival, inputs, body });
  const { url, channel, clientAddress, requestId, logger } = arrival;
  const call = {
    url,
    channel,
    clientAddress,
    requestId,
    logger,
    ...inputs,
    request,
    actor,
    body,
    core: { ...core, actor, idempotencyKey: keyed && ownedKey(keyed) },
    keepOpen: () => accepted.incoming.server?.timeout(request, 0),
  } as Call;
  return keyed ? onceForKey(deps, keyed, async () => handle(deps, call)) : handle(deps, call);
}

interface Keyed {
  readonly endpoint: Endpoint;
  readonly actor: ShopActor;
  readonly arrival: Arrival;
  readonly inputs: ReturnType<typeof parseInputs>;
  readonly body: unknown;
}

function keyedBy(key: string, { endpoint, actor, arrival, inputs: { params }, body }: Keyed): KeyedRequest {
  const about = z.looseObject({ cartId: z.string().optional(), orderId: z.string().optional() }).safeParse(params).data;
  const owner = actor.kind === "customer" ? actor.customerId : (about?.cartId ?? about?.orderId ?? null);
  return { key, scope: scopeOf(endpoint, actor, arrival), owner, body };
}

/**
 * Keys of different people never meet: a customer's belong to the account, a guest's to the secret id in the path and the order's token
 * beside it, for an order's id is no secret; or to the client's address where the path holds none.
 */
function scopeOf(endpoint: Endpoint, actor: ShopActor, { request, url, clientAddress }: Arrival): string {
  const token = request.headers.get(ORDER_TOKEN_HEADER);
  const guestScope = endpoint.params ? `guest${token === null ? "" : ` ${token}`}` : `guest ${clientAddress}`;
  return `${actor.kind === "customer" ? actor.customerId : guestScope} ${request.method} ${url.pathname}`;
}

async function admit(
  deps: EdgeDeps,
  { arrival }: Accepted,
  { endpoint, core }: { readonly endpoint: Endpoint; readonly core: CoreCall },
): Promise<ShopActor> {
  const session = await findCaller(
    {
      store: deps.store,
      core: deps.core,
      clock: deps.clock,
      publicUrl: deps.settings.publicUrl,
      jwks: deps.jwks,
    },
    arrival.request.headers,
    core,
  );
  if (session.actor.kind === "customer") {
    assertOwnOrigin(arrival, session);
    await spend(deps, arrival, { rateClass: endpoint.rateClass, subject: session.actor.customerId });
  } else if (endpoint.auth === "customer") throw problem("unauthenticated");
  return session.actor;
}

/** Counts the call against a subject's limit. @throws problem `rate_limited`. */
function spend(
  deps: EdgeDeps,
  arrival: Arrival,
  { rateClass, subject }: { readonly rateClass: Endpoint["rateClass"]; readonly subject: string },
): Promise<void> | void {
  if (rateClass === "none") return;
  const limit: Limit = deps.settings.limits[rateClass];
  const verdict = deps.limiter.take(rateClass, subject, limit);
  if (verdict instanceof Promise) return verdict.then((told) => applyVerdict(arrival, told));
  applyVerdict(arrival, verdict);
}
