import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import type { Saga, SagaStep } from "./saga.ts";
import { SagaView } from "./saga-view.tsx";
import { OrderWaits, waitWords } from "./saga-wait.tsx";

const step = (name: string, rest: Partial<SagaStep> = {}): SagaStep => ({
  name,
  state: "done",
  attempts: 1,
  output: null,
  lastError: null,
  startedAt: "2026-03-01T12:00:00.000Z",
  finishedAt: "2026-03-01T12:00:01.340Z",
  ...rest,
});
const saga = (state: Saga["state"]): Saga => ({
  id: "saga_01k0000000000000000000000a" as Saga["id"],
  type: "place-order",
  key: "ord_1",
  state,
  failure: null,
  attempts: 1,
  wakeAt: null,
  waits: null,
  createdAt: "2026-03-01T12:00:00.000Z",
  updatedAt: "2026-03-01T12:00:02.000Z",
  steps: [
    step("stock", { output: { reservationId: "res_1" } }),
    step("payment", { state: "started", attempts: 12, lastError: "503 from the provider", finishedAt: null }),
  ],
});

test("each step shows its state, its attempts, how long it took, and what it left or failed with", async () => {
  await stage(<SagaView saga={saga("stuck")} />, ["system:write"], () => ({ data: null }));
  const [stock, payment] = await screen.findAllByRole("listitem");
  expect(stock?.textContent).toContain("Done");
  expect(stock?.textContent).toContain("1.3 s");
  expect(stock?.textContent).toContain('"reservationId": "res_1"');
  expect(payment?.textContent).toContain("12 attempts · not finished");
  expect(payment?.textContent).toContain("503 from the provider");
});

test("a stuck saga is tried again by its id", async () => {
  const { mutations } = await stage(<SagaView saga={saga("stuck")} />, ["system:write"], () => ({ data: null }));
  fireEvent.click(await screen.findByRole("button", { name: "Try again" }));
  await waitFor(() => expect(mutations).toHaveLength(1));
  expect(mutations[0]).toMatchObject({ path: "system.retrySaga", input: { id: saga("stuck").id } });
});

test("who may not try again reads why, and a saga that is done offers nothing", async () => {
  const { mutations } = await stage(<SagaView saga={saga("stuck")} />, ["orders:read"], () => ({ data: null }));
  const button = await screen.findByRole("button", { name: /Try again/ });
  expect(button.title).toContain("system:write");
  fireEvent.click(button);
  expect(mutations).toEqual([]);
});

test("a saga that is done has nothing to try again", async () => {
  await stage(<SagaView saga={saga("done")} />, ["system:write"], () => ({ data: null }));
  await screen.findByText("Place order");
  expect(screen.queryByRole("button", { name: /Try again/ })).toBeNull();
});

test("a run that waits says why, with the last error, and when it looks again", async () => {
  const until = new Date(Date.now() + 20 * 60_000).toISOString();
  const failing = { step: "payment", for: "failure", error: "stripe, refund: 503", until };
  const waiting: Saga[] = [
    { ...saga("running"), type: "cancel-order", waits: failing },
    { ...saga("waiting"), id: "saga_2" as Saga["id"], waits: { ...failing, for: "refund", error: null } },
    { ...saga("done"), id: "saga_3" as Saga["id"] },
  ];
  await stage(<OrderWaits sagas={waiting} />, [], () => ({ data: null }));
  const [first, second, third] = await screen.findAllByRole("listitem");
  expect(first?.textContent).toContain("Cancel order waits");
  expect(first?.textContent).toContain("The step “Payment” could not be done. Tried again in ");
  expect(first?.textContent).toContain("stripe, refund: 503");
  expect(second?.textContent).toContain("The provider has yet to say that the money is back. Looks again in ");
  expect(third).toBeUndefined();
  expect(waitWords({ for: "something new", step: "x" })).toBe("It waits for news.");
});
