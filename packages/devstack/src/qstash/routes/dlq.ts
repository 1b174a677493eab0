import { QstashRefusal } from "../errors.ts";
import type { DeadLetter, Store } from "../store.ts";
import { type ApiRequest, type ApiResponse, page, type Services } from "./request.ts";
import { deadLetterView, matchesFilter, withinDates } from "./view.ts";

/** Dead letters: list, read, delete, and deliver again, one by one or by filter. */
export function dlq(request: ApiRequest, { store, broker }: Services): ApiResponse | null {
  const { method, query } = request;
  const [, second, third] = request.parts;
  if (method === "GET" && second === undefined) {
    const { items, cursor } = page(matching(store, query), query);
    return { status: 200, body: { messages: items.map(deadLetterView), ...(cursor === undefined ? {} : { cursor }) } };
  }
  if (method === "GET" && second !== undefined) {
    const dead = store.findDead(second);
    if (dead === null) throw new QstashRefusal(404, `dead letter ${second} not found`);
    return { status: 200, body: deadLetterView(dead) };
  }
  if (method === "DELETE") return remove(store, second ?? null, query);
  if (method !== "POST" || second !== "retry") return null;
  const ids = third === undefined ? selected(store, query) : [third];
  const responses = ids.flatMap((dlqId) => {
    const messageId = broker.retryDead(dlqId);
    return messageId === null ? [] : [{ messageId, dlqId }];
  });
  return { status: 200, body: { responses } };
}

function remove(store: Store, id: string | null, query: URLSearchParams): ApiResponse {
  if (id !== null) {
    if (!store.durably(() => store.forgetDead(id))) throw new QstashRefusal(404, `dead letter ${id} not found`);
    return { status: 200 };
  }
  const ids = selected(store, query);
  return {
    status: 200,
    body: { deleted: store.durably(() => ids.filter((dlqId) => store.forgetDead(dlqId)).length) },
  };
}

function selected(store: Store, query: URLSearchParams): string[] {
  return page(matching(store, query), query).items.map((dead) => dead.dlqId);
}

function matching(store: Store, query: URLSearchParams): DeadLetter[] {
  const ids = query.getAll("dlqIds").flatMap((id) => id.split(","));
  const status = query.get("responseStatus");
  return [...store.dead()].filter(
    (dead) =>
      (ids.length === 0 || ids.includes(dead.dlqId)) &&
      (status === null || Number(status) === dead.response.status) &&
      matchesFilter(dead.message, query) &&
      withinDates(dead.at, query),
  );
}
