import { z } from "zod";
import { invalidParameter, noSuch } from "./errors.ts";
import { eventMatches } from "./event-pattern.ts";
import { listPage } from "./lists.ts";
import type { ApiList, StripeEvent } from "./objects.ts";
import { flag, listParameters, text } from "./parameters.ts";
import { API_VERSION, newId, seconds, type Turn } from "./turn.ts";

export const EVENT_KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/** An API object; what belongs to a payment names it. */
interface Announced {
  readonly id: string;
  readonly payment_intent?: string;
}

/** Records an event about this object as it now is, and the webhook that is owed for it where the endpoint is registered for it. */
export function announce(
  turn: Turn,
  type: string,
  object: Announced,
  previous?: Readonly<Record<string, unknown>>,
): void {
  const event: StripeEvent = {
    id: newId("evt"),
    object: "event",
    api_version: API_VERSION,
    created: seconds(turn),
    data: { object, ...(previous === undefined ? {} : { previous_attributes: previous }) },
    livemode: false,
    pending_webhooks: turn.isRegistered(type) ? 1 : 0,
    request: { id: turn.request.id, idempotency_key: turn.request.idempotencyKey },
    type,
  };
  turn.events.insert({ view: event, hidden: null });
  if (!turn.isRegistered(type)) return;
  const subject = object.payment_intent ?? object.id;
  turn.courier.enqueue({ id: event.id, subject, body: JSON.stringify(event, null, 2) });
}

export const eventListSchema = z.strictObject({
  ...listParameters,
  type: text.optional(),
  types: z.array(text).max(20).optional(),
  delivery_success: flag.optional(),
});

export function listEvents(turn: Turn, params: z.infer<typeof eventListSchema>): ApiList<StripeEvent> {
  if (params.type !== undefined && params.types !== undefined) {
    throw invalidParameter("You may only specify one of these parameters: type, types.", "parameters_exclusive");
  }
  const wanted = params.type === undefined ? params.types : [params.type];
  const page = listPage(turn.events, params, {
    url: "/v1/events",
    keeps: (event) =>
      (wanted === undefined || wanted.some((pattern) => eventMatches(pattern, event.type))) &&
      (params.delivery_success === undefined || params.delivery_success === !turn.courier.isPending(event.id)),
  });
  return { ...page, data: page.data.map((event) => shown(turn, event)) };
}

export function retrieveEvent(turn: Turn, id: string): StripeEvent {
  const event = turn.events.find(id);
  if (event === null) throw noSuch("event", id);
  return shown(turn, event.view);
}

function shown(turn: Turn, event: StripeEvent): StripeEvent {
  return { ...event, pending_webhooks: turn.courier.isPending(event.id) ? 1 : 0 };
}
