import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const createCart = route(endpointById("carts.create"), async (deps, { core, body }) => {
  const cart = await deps.core.createCart(core, body);
  return privateJson(cart, 201, { location: `/v1/carts/${cart.id}` });
});
