import { accountEndpoints } from "./account.ts";
import { cartEndpoints } from "./carts.ts";
import { catalogEndpoints } from "./catalog.ts";
import { orderEndpoints } from "./orders.ts";
import { paymentLinkEndpoints } from "./payment-links.ts";
import { returnEndpoints } from "./returns.ts";
import { systemEndpoints } from "./system.ts";

/** Named instead of inferred, so that declarations name it as well and do not repeat what they hold. */
type Endpoints = readonly [
  ...typeof catalogEndpoints,
  ...typeof cartEndpoints,
  ...typeof orderEndpoints,
  ...typeof returnEndpoints,
  ...typeof paymentLinkEndpoints,
  ...typeof accountEndpoints,
  ...typeof systemEndpoints,
];

/** Every endpoint of the storefront API, each once. */
export const endpoints: Endpoints = [
  ...catalogEndpoints,
  ...cartEndpoints,
  ...orderEndpoints,
  ...returnEndpoints,
  ...paymentLinkEndpoints,
  ...accountEndpoints,
  ...systemEndpoints,
];

type Listed = (typeof endpoints)[number];
export type EndpointId = Listed["id"];
export type EndpointById<Id extends EndpointId> = Extract<Listed, { id: Id }>;

const byId = new Map<string, Listed>(endpoints.map((definition) => [definition.id, definition]));

/** The endpoint of that id, with its literal type. */
export function endpointById<Id extends EndpointId>(id: Id): EndpointById<Id> {
  return byId.get(id) as EndpointById<Id>;
}
