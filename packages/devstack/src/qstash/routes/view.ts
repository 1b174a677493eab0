import { parseFlowControl } from "../flow-control.ts";
import type { Message } from "../message.ts";
import { listed } from "../settlement.ts";
import type { DeadLetter } from "../store.ts";

/** A message in the shape of the API. A body that is no text goes as `bodyBase64`. */
export function messageView(message: Message, body: Uint8Array): Record<string, unknown> {
  const { label, flowControlValue } = message;
  const flow = flowControlValue === null ? null : parseFlowControl(flowControlValue);
  return present({
    messageId: message.messageId,
    url: message.url,
    topicName: message.topicName,
    method: message.method,
    header: listed(visibleHeader(message)),
    ...bodyView(message, body, "body"),
    maxRetries: message.maxRetries,
    retryDelayExpression: message.retryDelayExpression,
    notBefore: message.notBefore,
    createdAt: message.createdAt,
    callback: message.callback,
    failureCallback: message.failureCallback,
    queueName: message.queueName,
    scheduleId: message.scheduleId,
    callerIP: message.callerIp,
    label: label?.split(",")[0] ?? null,
    labels: label?.split(",") ?? null,
    flowControlKey: message.flowControlKey,
    parallelism: flow?.parallelism ?? null,
    rate: flow?.rate ?? null,
    period: flow?.rate == null ? null : flow.periodSeconds,
  });
}

export function deadLetterView(dead: DeadLetter): Record<string, unknown> {
  return {
    ...messageView(dead.message, dead.body),
    dlqId: dead.dlqId,
    responseStatus: dead.response.status,
    responseHeader: listed(dead.response.header),
    ...bodyView(null, dead.response.body, "responseBody"),
  };
}

/** True when the message has every property the query asks for; names that are no filter are ignored. */
export function matchesFilter(message: Message, query: URLSearchParams): boolean {
  const asked = (name: string, value: string | null) => query.get(name) === null || query.get(name) === value;
  const ids = [...query.getAll("messageIds"), ...query.getAll("messageId")].flatMap((id) => id.split(","));
  const label = query.get("label");
  return (
    (ids.length === 0 || ids.includes(message.messageId)) &&
    asked("url", message.url) &&
    asked("topicName", message.topicName) &&
    asked("queueName", message.queueName) &&
    asked("scheduleId", message.scheduleId) &&
    asked("flowControlKey", message.flowControlKey) &&
    (label === null || (message.label?.split(",").includes(label) ?? false))
  );
}

/** True when the time (milliseconds since 1970) lies within `fromDate` and `toDate`. */
export function withinDates(time: number, query: URLSearchParams): boolean {
  return time >= Number(query.get("fromDate") ?? 0) && time <= Number(query.get("toDate") ?? Number.POSITIVE_INFINITY);
}

/** Headers as the log may show them: `header` hides all of them, `header[name]` the one. */
export function visibleHeader(message: Message): Record<string, string> {
  const redacted = (message.redactFields ?? "").toLowerCase().split(",");
  return Object.fromEntries(
    Object.entries(message.header).map(([name, value]) => [
      name,
      redacted.includes("header") || redacted.includes(`header[${name}]`) ? "REDACTED" : value,
    ]),
  );
}

function bodyView(message: Message | null, body: Uint8Array, field: string): Record<string, unknown> {
  if (message?.redactFields?.split(",").includes("body")) return { [field]: "REDACTED" };
  try {
    return { [field]: new TextDecoder("utf-8", { fatal: true }).decode(body) };
  } catch {
    return { [`${field}Base64`]: Buffer.from(body).toString("base64") };
  }
}

/** Without the members that are not set, as the API leaves them out. */
export function present(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}
