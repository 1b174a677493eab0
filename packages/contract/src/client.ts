import { clientOf, type Route } from "./client-core.ts";
import type { Client, ClientOptions } from "./client-types.ts";
import type { Endpoint } from "./endpoint.ts";
import { endpointById, endpoints } from "./endpoints.ts";

export type { Answer, AnswerBody, CallInput, Client, ClientOptions } from "./client-types.ts";

/** A typed client: `(await client.call("products.get", { params: { slug } })).body.title`. */
export function createClient(options: ClientOptions): Client {
  return clientOf((id) => routeOf(endpointById(id)), options);
}

/** All that a client has to know of the endpoints, by their ids. */
export function clientRoutes(): Readonly<Record<string, Route>> {
  return Object.fromEntries(endpoints.map((definition) => [definition.id, routeOf(definition)]));
}

function routeOf({ method, path, idempotency, answers }: Endpoint): Route {
  return { method, path, idempotency, isStream: answers[200]?.contentType === "text/event-stream" };
}
