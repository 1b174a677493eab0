import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import { formatDay } from "../../format.ts";
import type { Payment } from "./order.ts";
import { type Dispute, PaymentDisputes, standingOf } from "./payment-disputes.tsx";

const dispute: Dispute = {
  reference: "du_1",
  state: "opened",
  amount: { amount: 5_200, currency: "USD" },
  reason: "fraudulent",
  evidence: null,
  dueAt: "2026-12-07T03:57:16.000Z",
  at: "2026-11-28T03:57:16.000Z",
};
const of = (change: Partial<Dispute>) => {
  const payment = { provider: "stripe", disputes: [{ ...dispute, ...change }] };
  return <PaymentDisputes payment={payment as unknown as Payment} />;
};
const open = () => screen.getByRole("button", { name: /^Answer the dispute/ });
const write = (text: string) =>
  fireEvent.change(screen.getByLabelText("What the shop has to say"), { target: { value: text } });
const send = () =>
  fireEvent.submit(screen.getByLabelText<HTMLTextAreaElement>("What the shop has to say").form as HTMLFormElement);

test("an open dispute says what it is about, where the money is and by when to answer", async () => {
  await stage(of({}), ["orders:write"], () => ({ data: null }));
  const section = await screen.findByLabelText("Dispute du_1");
  expect(section.textContent).toContain("$52.00");
  // The day as it is where staff are.
  const day = formatDay(dispute.dueAt ?? "");
  expect(section.textContent).toContain(`Because: Fraudulent. The money has been taken back. Answer by ${day}, or`);
  expect(standingOf({ state: "opened", dueAt: null })).toContain("Answer soon");
});

test("an answer goes to the provider once, and what it refuses stands at the field", async () => {
  let isTooLong = true;
  const { mutations } = await stage(of({}), ["orders:write"], () => {
    const errors = [{ path: "text", message: "at most 2000 characters" }];
    return isTooLong ? { problem: { code: "validation_failed", members: { errors } } } : { data: null };
  });
  fireEvent.click(open());
  write("  Delivered on Monday.  ");
  send();
  expect((await screen.findByRole("alert")).textContent).toBe("at most 2000 characters");
  isTooLong = false;
  send();
  await waitFor(() => expect(mutations).toHaveLength(2));
  const sent = { provider: "stripe", reference: "du_1", text: "Delivered on Monday." };
  expect(mutations.map(({ path, input }) => [path, input])).toEqual([
    ["payments.submitEvidence", sent],
    ["payments.submitEvidence", sent],
  ]);
});

test("who may not change orders sees the dispute and cannot answer it", async () => {
  await stage(of({}), ["payments:read"], () => ({ data: null }));
  await screen.findByLabelText("Dispute du_1");
  expect(open().getAttribute("aria-disabled") ?? open().getAttribute("disabled")).not.toBeNull();
});

test("what was answered is shown, and a decided dispute asks for nothing", async () => {
  await stage(of({ state: "lost", evidence: "Delivered on Monday." }), ["orders:write"], () => ({ data: null }));
  const section = await screen.findByLabelText("Dispute du_1");
  expect(section.textContent).toContain("Delivered on Monday.");
  expect(section.textContent).toContain("Do not refund it as well.");
  expect(screen.queryByRole("button", { name: /^Answer/ })).toBeNull();
});
