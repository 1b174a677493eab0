import { randomUUID } from "node:crypto";
import { parseCron } from "../cron.ts";
import { QstashRefusal } from "../errors.ts";
import { readMessage, readName } from "../message.ts";
import type { Schedule } from "../scheduler.ts";
import { listed } from "../settlement.ts";
import { endpointsSchema } from "../topics.ts";
import { type ApiRequest, type ApiResponse, EMPTY, type Services } from "./request.ts";
import { present } from "./view.ts";

export function schedules(request: ApiRequest, services: Services): ApiResponse | null {
  const { method } = request;
  const [, id, action] = request.parts;
  const { scheduler } = services;
  if (method === "POST" && id !== undefined) {
    return { status: 201, body: { scheduleId: create(request, services) } };
  }
  if (method === "GET") {
    if (id === undefined) return { status: 200, body: scheduler.list().map(scheduleView) };
    return { status: 200, body: scheduleView(scheduler.get(id)) };
  }
  if (id === undefined) return null;
  if (method === "DELETE") {
    scheduler.delete(id);
    return EMPTY;
  }
  if (method === "PATCH" && (action === "pause" || action === "resume")) {
    scheduler.setPaused(id, action === "pause");
    return EMPTY;
  }
  return null;
}

function create(request: ApiRequest, { scheduler, topics }: Services): string {
  const cron = request.headers.get("upstash-cron");
  if (cron === null) throw new QstashRefusal(400, "Upstash-Cron is missing");
  parseCron(cron);
  const destination = request.target.slice("schedules/".length);
  const headers: Record<string, string> = {};
  request.headers.forEach((value, name) => {
    if (name === "content-type" || name.startsWith("upstash-")) headers[name] = value;
  });
  const { body } = request;
  for (const { url, topicName } of topics.resolve(destination)) {
    const publication = {
      destination: url,
      headers: request.headers,
      body,
      queueName: null,
      scheduleId: null,
      topicName,
    };
    readMessage(publication, { nowMs: 0, timeScale: 1 });
  }
  const scheduleId =
    readName(request.headers.get("upstash-schedule-id"), "schedule id") ??
    `scd_${randomUUID().replaceAll("-", "").slice(0, 20)}`;
  scheduler.put({ scheduleId, cron, destination, headers, bodyBase64: Buffer.from(body).toString("base64") });
  return scheduleId;
}

function scheduleView(schedule: Schedule): Record<string, unknown> {
  const publication = {
    destination: /^https?:/i.test(schedule.destination) ? schedule.destination : "http://url-group/",
    headers: new Headers(schedule.headers),
    body: new Uint8Array(),
    queueName: null,
    scheduleId: schedule.scheduleId,
    topicName: null,
  };
  const message = readMessage(publication, { nowMs: 0, timeScale: 1 });
  return present({
    scheduleId: schedule.scheduleId,
    cron: schedule.cron,
    createdAt: schedule.createdAt,
    destination: schedule.destination,
    method: message.method,
    header: listed(message.header),
    body: Buffer.from(schedule.bodyBase64, "base64").toString("utf8"),
    retries: message.maxRetries,
    delay: message.notBefore === 0 ? null : message.notBefore / 1_000,
    callback: message.callback,
    failureCallback: message.failureCallback,
    queueName: message.queueName,
    flowControlKey: message.flowControlKey,
    retryDelayExpression: message.retryDelayExpression,
    label: message.label?.split(",")[0] ?? null,
    labels: message.label?.split(",") ?? null,
    isPaused: schedule.isPaused,
    nextScheduleTime: schedule.nextScheduleTime,
    lastScheduleTime: schedule.lastScheduleTime,
  });
}

/** URL groups, which the API calls topics. */
export function topics(request: ApiRequest, services: Services): ApiResponse | null {
  const { method } = request;
  const [, name, part] = request.parts;
  if (name === undefined) return method === "GET" ? { status: 200, body: services.topics.list() } : null;
  readName(name, "url group name");
  if (part === "endpoints" && (method === "POST" || method === "DELETE")) {
    const input = endpointsSchema.safeParse(JSON.parse(Buffer.from(request.body).toString("utf8")));
    if (!input.success) throw new QstashRefusal(400, "invalid endpoints");
    if (method === "POST") services.topics.add(name, input.data.endpoints);
    else services.topics.remove(name, input.data.endpoints);
    return EMPTY;
  }
  if (part !== undefined) return null;
  const topic = services.topics.get(name);
  if (topic === null) throw new QstashRefusal(404, `url group ${name} not found`);
  if (method === "GET") return { status: 200, body: topic };
  if (method !== "DELETE") return null;
  services.topics.delete(name);
  return EMPTY;
}
