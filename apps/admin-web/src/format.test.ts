import { expect, test } from "bun:test";
import { formatAgo, formatDuration, formatMoney, inWords } from "./format.ts";

test("money shows the digits of its own currency", () => {
  expect(formatMoney({ amount: 5_200, currency: "USD" }, "en-US")).toBe("$52.00");
  expect(formatMoney({ amount: 5_200, currency: "JPY" }, "en-US")).toBe("¥5,200");
  expect(formatMoney({ amount: -1_005, currency: "KWD" }, "en-US")).toContain("1.005");
  expect(formatMoney({ amount: -5_200, currency: "USD" }, "en-US")).toBe("−$52.00");
});

test("times are told in the largest unit that fits", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  expect(formatAgo("2026-03-01T11:57:00Z", now, "en-US")).toBe("3 minutes ago");
  expect(formatAgo("2026-02-27T12:00:00Z", now, "en-US")).toBe("2 days ago");
  expect(formatAgo("2026-03-01T11:59:59Z", now, "en-US")).toBe("now");
});

test("durations and codes read as people say them", () => {
  expect(formatDuration(0)).toBe("< 1 ms");
  expect([formatDuration(840), formatDuration(2_400), formatDuration(180_000)]).toEqual(["840 ms", "2.4 s", "3 min"]);
  expect(inWords("payment_requires_action")).toBe("Payment requires action");
});
