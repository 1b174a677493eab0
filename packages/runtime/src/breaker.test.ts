import { expect, test } from "bun:test";
import { Breaker, type BreakerState } from "./breaker.ts";

function breakerAt(clock: { now: number }) {
  const seen: BreakerState[] = [];
  const breaker = new Breaker({
    failures: 3,
    halfOpenAfterMs: 1_000,
    now: () => clock.now,
    onChange: (state) => seen.push(state),
  });
  return { breaker, seen };
}

function failTimes(breaker: Breaker, times: number): void {
  for (let count = 0; count < times; count += 1) {
    expect(breaker.enter()).toBe(true);
    breaker.fail();
  }
}

test("failures open it only when they come in a row", () => {
  const { breaker } = breakerAt({ now: 0 });
  failTimes(breaker, 2);
  breaker.enter();
  breaker.succeed();
  failTimes(breaker, 2);
  expect(breaker.state).toBe("closed");
  failTimes(breaker, 1);
  expect(breaker.state).toBe("open");
  expect(breaker.enter()).toBe(false);
});

test("after the pause one call goes, and only its success lets others follow", () => {
  const clock = { now: 0 };
  const { breaker, seen } = breakerAt(clock);
  failTimes(breaker, 3);
  clock.now = 999;
  expect(breaker.enter()).toBe(false);
  clock.now = 1_000;
  expect(breaker.enter()).toBe(true);
  expect(breaker.enter()).toBe(false);
  breaker.fail();
  expect(breaker.enter()).toBe(false);
  clock.now = 2_000;
  expect(breaker.enter()).toBe(true);
  breaker.succeed();
  expect(breaker.enter()).toBe(true);
  expect(seen).toEqual(["open", "half_open", "open", "half_open", "closed"]);
});

test("a call that says nothing about the dependency leaves room for another to try", () => {
  const clock = { now: 0 };
  const { breaker } = breakerAt(clock);
  failTimes(breaker, 3);
  clock.now = 1_000;
  expect(breaker.enter()).toBe(true);
  breaker.leave();
  expect(breaker.state).toBe("half_open");
  expect(breaker.enter()).toBe(true);
});
