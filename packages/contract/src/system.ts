import { z } from "zod";
import { endpoint } from "./endpoint.ts";

const open = {
  tag: "system",
  method: "GET",
  auth: "none",
  rateClass: "read",
  cache: "private",
  idempotency: "none",
} as const;

export const health = z
  .object({
    ok: z.boolean(),
    checks: z.record(z.string(), z.object({ ok: z.boolean(), latencyMs: z.int(), reason: z.string().optional() })),
    dependencies: z
      .record(
        z.string(),
        z.object({
          breaker: z.enum(["closed", "half_open", "open"]),
          running: z.int().optional(),
          waiting: z.int().optional(),
          limit: z.int().optional(),
        }),
      )
      .meta({ description: "How each dependency stands with its callers here" }),
  })
  .meta({ id: "Health" });

export const systemEndpoints = [
  endpoint({
    ...open,
    rateClass: "none",
    id: "system.healthz",
    path: "/healthz",
    summary: "The process lives",
    answers: { 200: { description: "It does", schema: z.object({ ok: z.literal(true) }).meta({ id: "Alive" }) } },
    problems: [],
  }),
  endpoint({
    ...open,
    rateClass: "none",
    id: "system.readyz",
    path: "/readyz",
    summary: "A checkout could succeed now",
    answers: {
      200: { description: "Ready", schema: health },
      503: { description: "Not ready; says which dependency", schema: health },
    },
    problems: [],
  }),
  endpoint({
    ...open,
    id: "system.openapi",
    cache: "public",
    path: "/openapi.json",
    summary: "This contract as OpenAPI 3.1",
    answers: { 200: { description: "The document", schema: null, contentType: "application/json" } },
    problems: [],
  }),
  endpoint({
    ...open,
    id: "system.docs",
    cache: "public",
    path: "/docs",
    summary: "This contract as a page",
    answers: { 200: { description: "The page", schema: null, contentType: "text/html" } },
    problems: [],
  }),
] as const;
