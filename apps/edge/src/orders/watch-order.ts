import { endpointById } from "@stoa/contract";
import { channels } from "@stoa/read-models";
import { route } from "../http/call.ts";
import { eventStream } from "../http/event-stream.ts";
import { orderAnswer } from "./order-answer.ts";
import { findStoredOrder, parseStoredOrder, readOwnOrder, type VersionedOrder } from "./read-order.ts";

const RETRY_MS = 1_000;
const RETRY_SPREAD_MS = 2_000;

export const watchOrder = route(endpointById("orders.events"), async (deps, call) => {
  const { orderId } = call.params;
  const first = await readOwnOrder(deps, call, orderId);
  const leave = deps.streams.take(orderId);
  call.keepOpen();
  const lastEventId = call.request.headers.get("last-event-id");
  return eventStream({
    retryMs: RETRY_MS + spread(call.requestId),
    signal: deps.departure ? AbortSignal.any([call.request.signal, deps.departure.signal]) : call.request.signal,
    start: async (send) => {
      const show = orderEvents(send, lastEventId);
      let listening = () => {};
      const end = () => {
        listening();
        leave();
      };
      try {
        // Listening begins before the second look, so no change falls between the two.
        listening = await deps.subscriptions.subscribe(channels.order(orderId), (message) =>
          show(parseStoredOrder(message)),
        );
        show((await findStoredOrder(deps.store, orderId)) ?? first);
      } catch (error) {
        end();
        throw error;
      }
      return { beat: async () => show(await findStoredOrder(deps.store, orderId)), end };
    },
  });
});

/** Sends an order once for each version, and never an older one after a newer one. */
function orderEvents(send: (event: { id: string; event: string; data: string }) => void, lastEventId: string | null) {
  let last = lastEventId;
  return (found: VersionedOrder | null) => {
    if (!found || found.version === last || isOlder(found.version, last)) return;
    last = found.version;
    send({ id: found.version, event: "order", data: JSON.stringify(orderAnswer(found.order)) });
  };
}

function isOlder(version: string, last: string | null): boolean {
  const [major, minor] = version.split(".").map(Number);
  const [lastMajor, lastMinor] = (last ?? "").split(".").map(Number);
  if (major === undefined || lastMajor === undefined || Number.isNaN(lastMajor)) return false;
  return major < lastMajor || (major === lastMajor && (minor ?? 0) < (lastMinor ?? 0));
}

/** Those whose streams end together, because an edge ends, do not all come back together. */
function spread(requestId: string): number {
  let hash = 0;
  for (const character of requestId) hash = (31 * hash + character.charCodeAt(0)) % RETRY_SPREAD_MS;
  return hash;
}
