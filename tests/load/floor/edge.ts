import { createTRPCClient, httpLink } from "@trpc/client";
import { Elysia } from "elysia";
import { z } from "zod";
import type { LeastCore } from "./core.ts";

// The two requests of a checkout, handed on as they came.

const { CORE_URL } = z.object({ CORE_URL: z.url() }).parse(process.env);
const core = createTRPCClient<LeastCore>({ links: [httpLink({ url: `${CORE_URL}/trpc` })] });
type Place = Parameters<typeof core.place.mutate>[0];

const edge = new Elysia()
  .post("/v1/carts", ({ body }) => core.createCart.mutate(body as Parameters<typeof core.createCart.mutate>[0]))
  .post("/v1/carts/:id/checkout", ({ body, params }) =>
    core.place.mutate({ ...(body as Omit<Place, "cartId">), cartId: params.id }),
  )
  .listen({ hostname: "127.0.0.1", port: 0 });
console.log(edge.server?.port);
