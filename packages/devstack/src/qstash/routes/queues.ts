import { z } from "zod";
import type { QueueState } from "../entry.ts";
import { QstashRefusal } from "../errors.ts";
import type { FlowSettings } from "../flow-control.ts";
import { readName } from "../message.ts";
import type { QueueSettings } from "../settings.ts";
import { type ApiRequest, type ApiResponse, EMPTY, type Services } from "./request.ts";

const upsertSchema = z.object({
  queueName: z.string(),
  parallelism: z.number().int().min(1).max(1_000).default(1),
  paused: z.boolean().default(false),
});

export function queues(request: ApiRequest, services: Services): ApiResponse | null {
  const { method } = request;
  const [, name, action] = request.parts;
  const { settings, broker } = services;
  if (method === "GET") {
    const known = settings.queues();
    if (name === undefined) {
      return { status: 200, body: known.map((queue) => queueView(queue, broker.dispatcher.queue(queue.name))) };
    }
    const queue = known.find((candidate) => candidate.name === name);
    if (queue === undefined) throw new QstashRefusal(404, `queue ${name} not found`);
    return { status: 200, body: queueView(queue, broker.dispatcher.queue(name)) };
  }
  if (method === "DELETE" && name !== undefined) {
    settings.deleteQueue(name);
    return EMPTY;
  }
  if (method !== "POST") return null;
  if (name === undefined) {
    const input = upsertSchema.safeParse(JSON.parse(Buffer.from(request.body).toString("utf8")));
    if (!input.success) throw new QstashRefusal(400, "invalid queue: give queueName and a parallelism of at least 1");
    const { queueName, parallelism, paused } = input.data;
    readName(queueName, "queue name");
    settings.setQueue(queueName, { parallelism, paused });
    return EMPTY;
  }
  if (action !== "pause" && action !== "resume") return null;
  settings.setQueue(name, { paused: action === "pause" });
  return EMPTY;
}

function queueView(queue: QueueSettings, state: QueueState): Record<string, unknown> {
  return { ...queue, lag: state.order.length };
}

export function flowControl(request: ApiRequest, { settings, broker }: Services): ApiResponse | null {
  const [, key, action] = request.parts;
  if (key === undefined) return null;
  if (request.method === "GET" && action === undefined) return { status: 200, body: flowView(key, broker) };
  if (request.method !== "POST") return null;
  const change = flowChange(action, request.query);
  if (action === "resetRate") broker.dispatcher.resetFlowPeriod(key);
  else if (change === null) return null;
  else settings.setFlow(key, change);
  return EMPTY;
}

function flowChange(action: string | undefined, query: URLSearchParams): Partial<FlowSettings> | null {
  if (action === "pause" || action === "resume") return { paused: action === "pause" };
  if (action === "pin") {
    return {
      ...(query.has("parallelism") ? { pinnedParallelism: atLeastOne(query.get("parallelism")) } : {}),
      ...(query.has("rate") ? { pinnedRate: atLeastOne(query.get("rate")) } : {}),
      ...(query.has("period") ? { pinnedPeriodSeconds: atLeastOne(query.get("period")) } : {}),
    };
  }
  if (action === "unpin") {
    return {
      ...(query.get("parallelism") === "true" ? { pinnedParallelism: null } : {}),
      ...(query.get("rate") === "true" ? { pinnedRate: null, pinnedPeriodSeconds: null } : {}),
    };
  }
  return null;
}

function flowView(key: string, broker: Services["broker"]): Record<string, unknown> {
  const flow = broker.dispatcher.flow(key);
  const { parallelism, rate, periodSeconds } = flow.limits;
  return {
    flowControlKey: key,
    waitListSize: flow.waiting.length,
    parallelismMax: parallelism ?? 0,
    parallelismCount: flow.active,
    rateMax: rate ?? 0,
    rateCount: flow.periodCount,
    ratePeriod: periodSeconds,
    ratePeriodStart: Math.floor(flow.periodStartMs / 1_000),
    isPaused: flow.settings.paused,
    isPinnedParallelism: flow.settings.pinnedParallelism !== null,
    isPinnedRate: flow.settings.pinnedRate !== null,
  };
}

function atLeastOne(text: string | null): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new QstashRefusal(400, "a pinned value is a number of at least 1");
  return number;
}
