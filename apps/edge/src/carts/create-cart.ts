import { endpointById } from "@stoa/contract";
import { DEFAULT_CHANNEL } from "@stoa/kernel";
import { assertOpen } from "../catalog/channel.ts";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const createCart = route(endpointById("carts.create"), async (deps, { core, channel, body }) => {
  await assertOpen(deps, channel);
  const cart = await deps.core.createCart(core, channel === DEFAULT_CHANNEL ? body : { ...body, channel });
  return privateJson(cart, 201, { location: `/v1/carts/${cart.id}` });
});
