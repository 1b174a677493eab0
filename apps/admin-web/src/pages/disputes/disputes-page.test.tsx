import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import { formatDay } from "../../format.ts";
import { DisputesPage } from "./disputes-page.tsx";
import { urgencyOf } from "./open-dispute-row.tsx";

const dispute = (reference: string, change: object = {}) => ({
  ...{ provider: "stripe", reference, state: "opened", paymentId: "pay_1", orderId: "ord_1", orderNumber: "1042" },
  ...{ amount: { amount: 5_200, currency: "USD" }, reason: "fraudulent", evidence: null },
  ...{ dueAt: "2026-12-07T03:57:16.000Z", openedAt: "2026-11-28T03:57:16.000Z", ...change },
});

test("open disputes name their order and what has to be done, and more are shown when asked for", async () => {
  await stage(<DisputesPage />, ["payments:read", "orders:write"], ({ input }) => {
    const isFirst = !(input as { cursor?: string }).cursor;
    const items = isFirst ? [dispute("dp_1")] : [dispute("dp_2", { state: "evidence_sent", orderNumber: null })];
    return { data: { items, nextCursor: isFirst ? "more" : null, total: 2 } };
  });
  const first = await screen.findByLabelText("Dispute dp_1");
  expect(first.textContent).toContain("$52.00");
  expect(first.textContent).toContain("Order 1042 · Stripe · Fraudulent");
  expect(screen.getByRole("button", { name: "Answer the dispute" })).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Show more" }));
  const second = await screen.findByLabelText("Dispute dp_2");
  expect(second.textContent).toContain("Answered, not decided");
  await waitFor(() => expect(screen.queryByRole("button", { name: "Show more" })).toBeNull());
});

test("a shop without any is told so", async () => {
  await stage(<DisputesPage />, ["payments:read"], () => ({ data: { items: [], nextCursor: null, total: 0 } }));
  await screen.findByText("No open disputes");
});

test("the nearer the deadline, the louder", () => {
  const now = Date.parse("2026-12-01T00:00:00Z");
  const of = (dueAt: string | null, state = "opened") => urgencyOf({ state, dueAt } as never, now);
  expect(of("2026-12-20T00:00:00Z").tone).toBe("warn");
  expect(of("2026-12-02T00:00:00Z")).toEqual({ tone: "bad", words: `Answer by ${formatDay("2026-12-02T00:00:00Z")}` });
  expect(of("2026-11-30T00:00:00Z").words).toStartWith("Was to be answered by");
  expect(of(null).words).toBe("Answer soon");
  expect(of(null, "evidence_sent").tone).toBe("info");
});
