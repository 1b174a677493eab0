import type { StoredReturn } from "../core-port.ts";

/** A return as shoppers see it: what became of the goods in the shop's house is the shop's own business. */
export function returnAnswer(stored: StoredReturn) {
  const { id, orderId, state, items, refund, rejection, replacementId, exchangeFor, customFields, requestedAt } =
    stored;
  return {
    id,
    orderId,
    state,
    items: items.map(({ restocked, writtenOff, ...item }) => ({ ...item, received: restocked + writtenOff })),
    ...(refund && { refund: refund.amount }),
    ...(rejection !== null && { rejection }),
    ...(exchangeFor !== null && { exchangeFor }),
    ...(replacementId !== null && { replacementId }),
    ...(Object.keys(customFields).length > 0 && { customFields }),
    requestedAt,
  };
}
