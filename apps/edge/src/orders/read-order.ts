import { createHash, timingSafeEqual } from "node:crypto";
import { problem } from "@stoa/kernel";
import { keys, type StoredOrder, storedOrderSchema, unpackEnvelope } from "@stoa/read-models";
import type { ShopActor } from "../core-port.ts";
import type { EdgeDeps } from "../deps.ts";
import type { Call } from "../http/call.ts";
import type { Store } from "../redis/store.ts";

export const ORDER_TOKEN_HEADER = "x-order-token";
const TOKEN_LENGTH_MAX = 256;

/** An order with the version it was read at, which names its event. */
export interface VersionedOrder {
  readonly order: StoredOrder;
  /** "" for one that came from core without a version. */
  readonly version: string;
}

/** The order as Redis has it; null when it has none that can be read. */
export async function findStoredOrder(store: Store, orderId: string): Promise<VersionedOrder | null> {
  const text = await store.get(keys.order(orderId));
  return text === null ? null : parseStoredOrder(text);
}

export function parseStoredOrder(text: string): VersionedOrder | null {
  const envelope = unpackEnvelope(text);
  const parsed = envelope && storedOrderSchema.safeParse(JSON.parse(envelope.body));
  if (!parsed?.success) return null;
  return { order: parsed.data, version: `${envelope?.version.major}.${envelope?.version.minor}` };
}

/**
 * The order, if it is the caller's: from Redis, or from core when Redis lacks it.
 * @throws problem `not_found` for a stranger's as for one that does not exist.
 */
export async function readOwnOrder(
  deps: EdgeDeps,
  { core, actor, request }: Pick<Call, "core" | "actor" | "request">,
  orderId: string,
): Promise<VersionedOrder> {
  const stored = await findStoredOrder(deps.store, orderId);
  const found = stored ?? { order: await deps.core.viewOrder(core, { orderId }), version: "" };
  if (!maySee(found.order, actor, orderTokenOf(request.headers))) throw problem("not_found");
  return found;
}

/** The guest's token that came with the request, if one of a sensible length did. */
export function orderTokenOf(headers: Headers): string | null {
  const token = headers.get(ORDER_TOKEN_HEADER);
  return token === null || token === "" || token.length > TOKEN_LENGTH_MAX ? null : token;
}

/** The guest's token as core takes it. */
export function shownToken(headers: Headers): { readonly accessToken?: string } {
  const accessToken = orderTokenOf(headers);
  return accessToken === null ? {} : { accessToken };
}

function maySee(order: StoredOrder, actor: ShopActor, token: string | null): boolean {
  if (actor.kind === "customer" && order.customerId === actor.customerId) return true;
  if (token === null) return false;
  const shown = createHash("sha256").update(token).digest();
  const expected = Buffer.from(order.accessTokenHash, "hex");
  return expected.byteLength === shown.byteLength && timingSafeEqual(shown, expected);
}
