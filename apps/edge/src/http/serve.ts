import type { Endpoint } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import { z } from "zod";
import { knownShop, readShop } from "../catalog/shop.ts";
import type { CoreCall, ShopActor } from "../core-port.ts";
import type { EdgeDeps, ServerLike } from "../deps.ts";
import { freshUntil, type PublicBody } from "./answers.ts";
import { admitKeys, keysIn } from "./api-keys.ts";
import { type Arrival, arrive, assertSize, completeUnmeasured, type PublicMade } from "./arrival.ts";
import { readJson } from "./body.ts";
import type { Call, PrivateRoute, PublicCall, PublicRoute, Route } from "./call.ts";
import { rateLimitSubject } from "./client-address.ts";
import { packOf } from "./compression.ts";
import type { Given } from "./held-answers.ts";
import { idempotencyKeyOf, onceForKey, ownedKey } from "./idempotency.ts";
import { languageFor, type ShopLanguages } from "./language.ts";
import { urgencyOf } from "./load-shedding.ts";
import { assertOwnOrigin } from "./origins.ts";
import { validationProblem } from "./problems.ts";
import type { PublicContent, PublicPolicy } from "./public-read.ts";
import { queryMembers } from "./query.ts";
import { applyVerdict, type Limit } from "./rate-limit.ts";
import { findCaller, guest } from "./session.ts";

const noMembers = z.strictObject({});

/** What the server knows of a request before it is looked at. */
export interface Incoming {
  readonly request: Request;
  readonly server: ServerLike | null;
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/** Answers a request to an endpoint under the rules that hold everywhere. Never throws and never rejects. */
export function serve(deps: EdgeDeps, route: Route, incoming: Incoming): Promise<Response> | Response {
  const arrival = arrive(deps, incoming, route.endpoint.path);
  return completeUnmeasured(deps, arrival, () => answer(deps, route, { ...incoming, arrival }));
}

interface Accepted extends Incoming {
  readonly arrival: Arrival;
}

function answer(
  deps: EdgeDeps,
  route: Route,
  accepted: Accepted,
): Promise<Response | PublicMade> | Response | PublicMade {
  const { endpoint } = route;
  const { arrival } = accepted;
  const go = () => ("make" in route ? answerAll(deps, route, accepted) : answerOne(deps, route, accepted));
  const byAddress = () => spend(deps, arrival, { endpoint, subject: rateLimitSubject(arrival.clientAddress) });
  const limited = () => {
    const presented = keysIn(accepted.request.headers);
    if (presented) {
      return admitKeys(deps, arrival, { endpoint, presented })
        .then((caller) => (caller === "machine" ? undefined : byAddress()))
        .then(go);
    }
    const spent = byAddress();
    return spent ? spent.then(go) : go();
  };
  const urgency = "make" in route ? null : urgencyOf(endpoint);
  return urgency === null ? limited() : deps.load.admit(urgency, limited);
}

/** What is the same for everybody is looked for among the answers that are held, before anything of the request is parsed. */
function answerAll(
  deps: EdgeDeps,
  route: PublicRoute,
  accepted: Accepted,
): Promise<Response | PublicMade> | PublicMade {
  const shop = knownShop(deps);
  if (shop) return answerIn(deps, route, accepted, shop);
  // The settings decide which languages there are; without them the shop is taken to have one, and says so itself if it cannot answer.
  const read = readShop(deps).catch(() => null);
  return read.then((found) => answerIn(deps, route, accepted, found));
}

function answerIn(
  deps: EdgeDeps,
  { endpoint, policy, make }: PublicRoute,
  accepted: Accepted,
  shop: ShopLanguages | null,
): Promise<Response | PublicMade> | PublicMade {
  const { arrival, request } = accepted;
  const where = pathAndQuery(request.url);
  const isPlural = shop !== null && shop.locales.length > 0;
  const asked = isPlural ? askedLanguage(where) : null;
  const language = isPlural ? languageFor(shop, asked, request.headers.get("accept-language")) : null;
  const madeOf = ({ content, ageMs }: Given): PublicMade => {
    const freshness = freshUntil(policy.freshness, content.until, deps.clock);
    const body = bodyOf(deps, content, { policy, mayVary: isPlural && asked === null });
    return { content: body, ageMs, freshness };
  };
  const reading = deps.answers.read({
    key: language === null ? where : `${language} ${where}`,
    hold: policy.hold,
    make: () =>
      deps.load.admit("browse", () => {
        assertSize(arrival);
        return make(deps, { url: arrival.url, language, ...parseInputs(endpoint, accepted) } as PublicCall);
      }),
  });
  if (!(reading instanceof Promise)) return madeOf(reading);
  return reading.then((given) => (given instanceof Response ? given : madeOf(given)));
}

/** What is held is made ready for its answers once. */
const bodies = new WeakMap<PublicContent, PublicBody>();

interface Readying {
  readonly policy: PublicPolicy;
  /** Whether the URL leaves the language to a header. */
  readonly mayVary: boolean;
}

function bodyOf({ gzip }: EdgeDeps, content: PublicContent, { policy, mayVary }: Readying): PublicBody {
  const known = bodies.get(content);
  if (known) return known;
  const { body, etag, writtenAt, language } = content;
  const made = {
    body,
    etag,
    writtenAt,
    freshness: policy.freshness,
    ...(language !== undefined && { language, variesByLanguage: mayVary }),
    ...(gzip ? { pack: () => packOf(content, gzip) } : {}),
  };
  bodies.set(content, made);
  return made;
}

/** What a URL says of the language, found without parsing it. */
function askedLanguage(where: string): string | null {
  return /[?&]locale=([\w-]{1,35})/.exec(where)?.[1] ?? null;
}

/** What stands behind the origin, without parsing it. */
function pathAndQuery(url: string): string {
  return url.slice(url.indexOf("/", url.indexOf("//") + 2));
}

async function answerOne(deps: EdgeDeps, { endpoint, handle }: PrivateRoute, accepted: Accepted): Promise<Response> {
  const { arrival, request } = accepted;
  assertSize(arrival);
  const idempotencyKey = endpoint.idempotency === "none" ? null : idempotencyKeyOf(request.headers);
  const core: CoreCall = {
    actor: guest,
    clientAddress: arrival.clientAddress,
    requestId: arrival.requestId,
    traceparent: arrival.traceparent,
    idempotencyKey: null,
  };
  const actor = endpoint.auth === "none" ? guest : await admit(deps, accepted, { endpoint, core });
  const inputs = parseInputs(endpoint, accepted);
  const isRead = request.method === "GET" || request.method === "HEAD";
  const body = isRead ? undefined : await parseBody(endpoint, request);
  if (endpoint.idempotency === "required" && idempotencyKey === null) throw problem("idempotency_key_required");
  const keyed =
    idempotencyKey === null ? null : { key: idempotencyKey, scope: scopeOf(endpoint, actor, arrival), body };
  const { url, clientAddress, requestId, logger } = arrival;
  const call = {
    url,
    clientAddress,
    requestId,
    logger,
    ...inputs,
    request,
    actor,
    body,
    core: { ...core, actor, idempotencyKey: keyed && ownedKey(keyed) },
    keepOpen: () => accepted.server?.timeout(request, 0),
  } as Call;
  return keyed ? onceForKey(deps.store, keyed, async () => handle(deps, call)) : handle(deps, call);
}

/**
 * Keys of different people never meet: a customer's belong to the account, a guest's to the secret id in the path, or to the
 * client's address where the path holds none.
 */
function scopeOf(endpoint: Endpoint, actor: ShopActor, { request, url, clientAddress }: Arrival): string {
  const guestScope = endpoint.params ? "guest" : `guest ${clientAddress}`;
  return `${actor.kind === "customer" ? actor.customerId : guestScope} ${request.method} ${url.pathname}`;
}

async function admit(
  deps: EdgeDeps,
  { arrival, request }: Accepted,
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
    request.headers,
    core,
  );
  if (session.actor.kind === "customer") {
    assertOwnOrigin(arrival, session);
    await spend(deps, arrival, { endpoint, subject: session.actor.customerId });
  } else if (endpoint.auth === "customer") throw problem("unauthenticated");
  return session.actor;
}

/** Counts the call against a subject's limit. @throws problem `rate_limited`. */
function spend(
  deps: EdgeDeps,
  arrival: Arrival,
  { endpoint, subject }: { readonly endpoint: Endpoint; readonly subject: string },
): Promise<void> | void {
  if (endpoint.rateClass === "none") return;
  const limit: Limit = deps.settings.limits[endpoint.rateClass];
  const verdict = deps.limiter.take(endpoint.rateClass, subject, limit);
  if (verdict instanceof Promise) return verdict.then((told) => applyVerdict(arrival, told));
  applyVerdict(arrival, verdict);
}

function parseInputs(endpoint: Endpoint, { arrival, params }: Accepted): { params: unknown; query: unknown } {
  const named = endpoint.params?.safeParse(params);
  // A path that cannot name anything names nothing.
  if (named && !named.success) throw problem("not_found");
  if (!endpoint.query) return { params: named?.data, query: undefined };
  const query = endpoint.query.safeParse(arrival.url.search === "" ? {} : queryMembers(arrival.url.searchParams));
  if (!query.success) throw validationProblem(query.error);
  return { params: named?.data, query: query.data };
}

async function parseBody(endpoint: Endpoint, request: Request): Promise<unknown> {
  const body = (endpoint.body ?? noMembers).safeParse(await readJson(request));
  if (!body.success) throw validationProblem(body.error);
  return endpoint.body ? body.data : undefined;
}
