import { expect, test } from "bun:test";
import { clientOf, heldOrder, startTestStripe } from "./test-support.ts";

test("the statement has a line for each capture, refund and dispute, newest first, with what each is about", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const card = { payment_method_options: { card: { request_multicapture: "if_available" } } } as const;
  const held = await stripe.paymentIntents.create({ ...heldOrder, ...card, metadata: { paymentId: "pay_1" } });
  expect((await stripe.balanceTransactions.list()).data).toEqual([]);
  await stripe.paymentIntents.capture(held.id, { amount_to_capture: 2_000, final_capture: false });
  await stripe.paymentIntents.capture(held.id, { amount_to_capture: 3_000 });
  await stripe.refunds.create({ payment_intent: held.id, amount: 500 });
  const disputed = await stripe.paymentIntents.create({
    ...heldOrder,
    capture_method: "automatic",
    payment_method: "pm_card_createDispute",
  });
  const { data } = await stripe.balanceTransactions.list({ expand: ["data.source"] });
  expect(data.map(({ type, amount }) => [type, amount])).toEqual([
    ["adjustment", -5_990],
    ["charge", 5_990],
    ["refund", -500],
    ["charge", 3_000],
    ["charge", 2_000],
  ]);
  expect(data[4]?.source).toMatchObject({
    object: "charge",
    payment_intent: held.id,
    metadata: { paymentId: "pay_1" },
  });
  expect(data[2]?.source).toMatchObject({ object: "refund", payment_intent: held.id });
  expect(data[0]?.source).toMatchObject({ object: "dispute", payment_intent: disputed.id });
  const [dispute] = (await stripe.disputes.list()).data;
  await stripe.disputes.update(String(dispute?.id), { evidence: { uncategorized_text: "winning_evidence" } });
  expect((await stripe.balanceTransactions.list({ limit: 1 })).data).toMatchObject([
    { type: "adjustment", amount: 5_990 },
  ]);
});
