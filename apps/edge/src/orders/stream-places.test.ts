import { expect, test } from "bun:test";
import { Problem } from "@stoa/kernel";
import { StreamPlaces } from "./stream-places.ts";

function codeOf(work: () => unknown): string {
  try {
    work();
    return "taken";
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
}

test("one order takes no more than its own places, and gives each back once", () => {
  const places = new StreamPlaces(100);
  const leave = Array.from({ length: 20 }, () => places.take("ord_1"));
  expect(codeOf(() => places.take("ord_1"))).toBe("rate_limited");
  expect(codeOf(() => places.take("ord_2"))).toBe("taken");
  leave[0]?.();
  leave[0]?.();
  expect(places.total).toBe(20);
  expect(codeOf(() => places.take("ord_1"))).toBe("taken");
  expect(codeOf(() => places.take("ord_1"))).toBe("rate_limited");
});

test("a process has an end of places, whosever they are", () => {
  const places = new StreamPlaces(50);
  for (let order = 0; order < 50; order += 1) places.take(`ord_${order}`);
  expect(codeOf(() => places.take("ord_new"))).toBe("service_unavailable");
});
