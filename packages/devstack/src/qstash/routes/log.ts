import type { LogEvent } from "../event-log.ts";
import { parseFlowControl } from "../flow-control.ts";
import { type ApiRequest, type ApiResponse, page, type Services } from "./request.ts";
import { matchesFilter, present, visibleHeader, withinDates } from "./view.ts";

/** The log of what happened to messages. The client asks under `/v2/events`, the specification says `/v2/logs`. */
export function events(request: ApiRequest, { broker }: Services): ApiResponse | null {
  if (request.method !== "GET") return null;
  const { query } = request;
  const found = broker.events
    .list(query.get("state"))
    .filter((event) => matchesFilter(event.message, query) && withinDates(event.time, query));
  const { items, cursor } = page(found, query);
  return { status: 200, body: { events: items.map(eventView), ...(cursor === undefined ? {} : { cursor }) } };
}

function eventView({ time, state, message, details }: LogEvent): Record<string, unknown> {
  const flow = message.flowControlValue === null ? null : parseFlowControl(message.flowControlValue);
  return present({
    time,
    state,
    messageId: message.messageId,
    url: message.url,
    method: message.method,
    header: visibleHeader(message),
    topicName: message.topicName,
    queueName: message.queueName,
    scheduleId: message.scheduleId,
    maxRetries: message.maxRetries,
    flowControlKey: message.flowControlKey,
    parallelism: flow?.parallelism ?? null,
    rate: flow?.rate ?? null,
    label: message.label?.split(",")[0] ?? null,
    labels: message.label?.split(",") ?? null,
    ...details,
  });
}

export function keys(request: ApiRequest, services: Services): ApiResponse | null {
  const [, action] = request.parts;
  if (request.method === "GET" && action === undefined) return { status: 200, body: services.keys.pair };
  if (request.method === "POST" && action === "rotate") return { status: 200, body: services.keys.rotate() };
  return null;
}
