import type { Mutant } from "./mutant.ts";

const orders = "apps/core/src/services/orders";
const carts = "apps/core/src/services/carts";
const checkoutTests = [`${orders}/place-order.saga.test.ts`, `${orders}/cancel-order.saga.test.ts`];
const freezeTests = [`${carts}/freeze-cart.test.ts`];
const promotionTests = [`${carts}/promotion-usage.test.ts`];

/** Orders, carts, promotions and idempotency keys. */
export const orderMutants: readonly Mutant[] = [
  {
    name: "any-state-moves",
    what: "an order moves from any state to any other",
    file: `${orders}/move-order.ts`,
    from: ".where(and(eq(order.id, move.orderId), inArray(order.state, statesBefore<OrderState>(orderStateTable, move.to))))",
    to: ".where(and(eq(order.id, move.orderId), inArray(order.state, [...Object.keys(orderStateTable), ...statesBefore<OrderState>(orderStateTable, move.to)] as OrderState[])))",
    tests: [`${orders}/move-order.test.ts`],
  },
  {
    name: "units-not-released",
    what: "a refused order keeps its units until they lapse",
    file: `${orders}/place-order-steps.ts`,
    from: "  async undo({ tx, now, input: { orderId } }) {\n    await releaseReservation({ tx, now }, { holder: orderId });\n  },",
    to: "  async undo() {},",
    tests: checkoutTests,
  },
  {
    name: "promotion-not-given-back",
    what: "a refused order counts as a promotion's use",
    file: `${orders}/place-order-steps.ts`,
    from: "    await giveBackPromotionUsage({ tx, now }, { orderId });",
    to: "",
  },
  {
    name: "cart-stays-frozen",
    what: "after a decline the shopper cannot try again",
    file: `${orders}/place-order-steps.ts`,
    from: "    await reopenOrigin({ tx, now }, input);",
    to: "",
    tests: checkoutTests,
  },
  {
    name: "cancelled-keeps-units",
    what: "a cancelled order keeps its units for ever",
    file: `${orders}/cancel-order.saga.ts`,
    from: "        await releaseAllocations({ tx, now }, { orderId });",
    to: "",
    tests: checkoutTests,
  },
  {
    name: "cart-checked-out-twice",
    what: "one cart becomes two orders",
    file: `${carts}/freeze-cart.ts`,
    from: 'and(eq(cart.id, value("id", cart.id)), eq(cart.state, "open"), eq(cart.version, value("version", cart.version)))',
    to: 'and(eq(cart.id, value("id", cart.id)))',
    tests: freezeTests,
  },
  {
    name: "line-slips-in",
    what: "a line added between pricing and ordering is delivered for nothing, or lost",
    file: `${carts}/freeze-cart.ts`,
    from: ', eq(cart.version, value("version", cart.version))),',
    to: "),",
    tests: freezeTests,
  },
  {
    name: "promotion-limit-unguarded",
    what: "a code limited to ten is used eleven times",
    file: `${carts}/promotion-usage.ts`,
    from: ".where(and(eq(promotion.id, id), or(isNull(promotion.usageLimit), lt(promotion.used, promotion.usageLimit))))",
    to: ".where(and(eq(promotion.id, id)))",
    tests: promotionTests,
  },
  {
    name: "promotion-counted-absolutely",
    what: "uses at the same time count as one",
    file: `${carts}/promotion-usage.ts`,
    from: ".set({ used: sql`${promotion.used} + 1` })",
    to: ".set({ used: 1 })",
    tests: promotionTests,
  },
  {
    name: "key-forgotten",
    what: "the same key makes another order",
    file: "apps/core/src/platform/idempotency/replayable.ts",
    from: "stored.requestHash !== requestHash",
    to: "stored.requestHash === null",
    tests: checkoutTests,
  },
];
