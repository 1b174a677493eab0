import { z } from "zod";
import type { FaultRule } from "../faults.ts";
import { SERVICE_NAMES } from "./names.ts";

/** What starts a service: its stand-in, or the real program. */
const LAUNCHERS = [
  "postgres",
  "redis",
  "redis-binary",
  "mongodb",
  "mongodb-binary",
  "typesense",
  "qstash",
  "stripe",
  "paypal",
  "mail",
] as const;

const launchSchema = z.object({
  service: z.enum(SERVICE_NAMES),
  launcher: z.enum(LAUNCHERS),
  port: z.number().int(),
  dataDir: z.string().nullable(),
  faults: z.object({ seed: z.number() }).optional(),
  /** What the launcher needs beside that: secrets, addresses, the path of a binary. */
  settings: z.record(z.string(), z.string()),
});
export type Launch = z.infer<typeof launchSchema>;

const actionSchema: z.ZodType<FaultRule["action"]> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("fail"),
    status: z.number().optional(),
    code: z.string().optional(),
    retryAfterSeconds: z.number().optional(),
  }),
  z.object({ kind: z.literal("delay"), delayMs: z.number() }),
  z.object({ kind: z.enum(["drop", "loseAnswer", "duplicate", "reorder"]) }),
]) as z.ZodType<FaultRule["action"]>;

const ruleSchema = z.object({
  operation: z.string(),
  action: actionSchema,
  times: z.number().optional(),
  after: z.number().optional(),
  probability: z.number().optional(),
}) as z.ZodType<FaultRule>;

/** From the stack to a service host. `id` comes back in the answer. */
export const commandSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("launch"), id: z.number(), launches: z.array(launchSchema) }),
  z.object({ type: z.literal("arm"), id: z.number(), service: z.enum(SERVICE_NAMES), rule: ruleSchema }),
  z.object({ type: z.literal("clear"), id: z.number(), service: z.enum(SERVICE_NAMES) }),
]);
export type Command = z.infer<typeof commandSchema>;

const launchedSchema = z.object({
  service: z.enum(SERVICE_NAMES),
  url: z.string(),
  pageUrl: z.string().nullable(),
  rung: z.enum(["url", "binary", "embedded"]),
  description: z.string(),
  /** Process of the program itself where it is not the host. */
  pid: z.number().nullable(),
});
export type Launched = z.infer<typeof launchedSchema>;

/** From a service host back to the stack. */
export const replySchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("launched"), id: z.number(), services: z.array(launchedSchema) }),
  z.object({ type: z.literal("done"), id: z.number() }),
  /** `sentence` is true when the message is meant for a person as it is. */
  z.object({ type: z.literal("failed"), id: z.number(), message: z.string(), sentence: z.boolean() }),
]);
export type Reply = z.infer<typeof replySchema>;
