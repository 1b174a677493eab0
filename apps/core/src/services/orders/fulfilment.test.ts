import { describe, expect, test } from "bun:test";
import { endOf, fulfilmentStateOf, type LineUnits, openUnits, returnableUnits } from "./fulfilment.ts";

const line = (units: Partial<LineUnits> = {}): LineUnits => ({
  ...{ quantity: 4, fulfilled: 0, shipped: 0, cancelled: 0, returnRequested: 0, returned: 0 },
  ...units,
});

describe("an order's fulfilment", () => {
  test("follows from what has left and what has come back", () => {
    const all = { fulfilled: 4, shipped: 4 };
    expect(fulfilmentStateOf([line(), line()])).toBe("unfulfilled");
    expect(fulfilmentStateOf([line({ fulfilled: 4 })])).toBe("unfulfilled");
    expect(fulfilmentStateOf([line(all), line()])).toBe("partially_fulfilled");
    expect(fulfilmentStateOf([line(all), line(all)])).toBe("fulfilled");
    expect(fulfilmentStateOf([line(all), line({ ...all, returned: 1 })])).toBe("partially_returned");
    expect(fulfilmentStateOf([line({ ...all, returned: 4 })])).toBe("returned");
  });

  test("does not wait for what was cancelled", () => {
    const rest = { fulfilled: 3, shipped: 3, cancelled: 1 };
    expect(fulfilmentStateOf([line(rest)])).toBe("fulfilled");
    expect(fulfilmentStateOf([line({ ...rest, returned: 3 })])).toBe("returned");
    expect(fulfilmentStateOf([line({ cancelled: 4 })])).toBe("unfulfilled");
  });

  test("is not all returned while something has yet to leave", () => {
    expect(fulfilmentStateOf([line({ fulfilled: 2, shipped: 2, returned: 2 })])).toBe("partially_returned");
  });
});

describe("an order", () => {
  test("ends when nothing waits: completed if something has left, else cancelled", () => {
    expect(endOf([line(), line({ cancelled: 4 })])).toBeNull();
    expect(endOf([line({ fulfilled: 4 })])).toBeNull();
    expect(endOf([line({ cancelled: 4 }), line({ cancelled: 4 })])).toBe("cancelled");
    expect(endOf([line({ cancelled: 4 }), line({ fulfilled: 4, shipped: 4 })])).toBe("completed");
  });

  test("has units to pack and units to send back", () => {
    const units = line({ fulfilled: 2, shipped: 2, cancelled: 1, returnRequested: 1 });
    expect([openUnits(units), returnableUnits(units)]).toEqual([1, 1]);
  });
});
