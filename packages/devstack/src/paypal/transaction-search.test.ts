import { expect, test } from "bun:test";
import { CheckoutPaymentIntent } from "@paypal/paypal-server-sdk";
import {
  advance,
  authorizedOrder,
  clientOf,
  orderRequest,
  refusalOf,
  startTestPaypal,
  tokenOf,
} from "./test-support.ts";

const hoursFromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const range = { startDate: hoursFromNow(-1), endDate: hoursFromNow(24) };

async function shopWithBooks() {
  const server = await startTestPaypal();
  const shop = clientOf(server);
  const authorizationId = await authorizedOrder(shop, orderRequest(CheckoutPaymentIntent.Authorize));
  const { result } = await shop.payments.captureAuthorizedPayment({ authorizationId });
  const captureId = String(result.id);
  const body = { amount: { currencyCode: "EUR", value: "9.90" }, customId: "refund-1" };
  const refund = await shop.payments.refundCapturedPayment({ captureId, body });
  return { server, shop, authorizationId, captureId, refundId: String(refund.result.id) };
}

test("lists what moved money, page by page, and what only holds it when asked for", async () => {
  const { server, shop, authorizationId, captureId, refundId } = await shopWithBooks();
  await using _server = server;
  const infoOf = async (page: number, pageSize: number, only?: string) => {
    const asked = { ...range, page, pageSize, ...(only && { balanceAffectingRecordsOnly: only }) };
    const { result } = await shop.search.searchTransactions(asked);
    return { total: result.totalItems, rows: result.transactionDetails?.map(({ transactionInfo }) => transactionInfo) };
  };
  const { total, rows } = await infoOf(1, 100);
  expect(total).toBe(2);
  expect(rows?.find((row) => row?.transactionId === captureId)).toMatchObject({
    ...{ paypalReferenceId: authorizationId, transactionStatus: "S", customField: "order-7" },
    ...{ transactionEventCode: "T0006", transactionAmount: { currencyCode: "EUR", value: "59.90" } },
  });
  expect(rows?.find((row) => row?.transactionId === refundId)).toMatchObject({
    ...{ paypalReferenceId: captureId, customField: "refund-1", transactionEventCode: "T1107" },
    transactionAmount: { currencyCode: "EUR", value: "-9.90" },
  });
  expect((await infoOf(2, 1)).rows).toHaveLength(1);
  expect((await infoOf(3, 1)).rows).toHaveLength(0);
  expect((await infoOf(1, 100, "N")).total).toBe(3);
});

test("may be hours behind, says how far, and takes at most 31 days", async () => {
  const { server, shop } = await shopWithBooks();
  await using _server = server;
  server.faults?.arm({ operation: "reporting", action: { kind: "delay", delayMs: 3 * 3_600_000 } });
  const search = (dates = range) => shop.search.searchTransactions(dates);
  const { result } = await search();
  expect(result.totalItems).toBe(0);
  expect(Date.parse(String(result.lastRefreshedDatetime))).toBeLessThan(Date.now() - 2 * 3_600_000);
  await advance(server, 4 * 3_600);
  expect((await search()).result.totalItems).toBe(2);
  const tooLong = search({ startDate: hoursFromNow(-24 * 32), endDate: hoursFromNow(0) });
  expect(await refusalOf(tooLong)).toMatchObject({ status: 400 });
});

test("lists what is held back for a dispute and let go of with it, and what PayPal takes back by itself", async () => {
  const { server, shop, captureId } = await shopWithBooks();
  await using _server = server;
  const linesOf = async () => {
    const { result } = await shop.search.searchTransactions({ ...range, pageSize: 100 });
    const infos = result.transactionDetails?.map(({ transactionInfo }) => transactionInfo) ?? [];
    return infos
      .filter((info) => info?.paypalReferenceId === captureId && info?.transactionEventCode !== "T1107")
      .map((info) => [info?.transactionEventCode, info?.transactionAmount?.value])
      .sort();
  };
  const lever = (name: string) =>
    fetch(`${server.url}/_stoa/${name}`, { method: "POST", body: JSON.stringify({ capture: captureId }) });
  const opened = JSON.parse(await (await lever("disputes")).text());
  expect(await linesOf()).toEqual([["T1110", "-59.90"]]);
  const headers = { authorization: `Bearer ${await tokenOf(server)}`, "content-type": "application/json" };
  const path = `/v1/customer/disputes/${opened.dispute_id}/accept-claim`;
  expect((await fetch(server.url + path, { method: "POST", headers, body: "{}" })).status).toBe(200);
  // A part had been given back before.
  const ended = [
    ["T1106", "-50.00"],
    ["T1110", "-59.90"],
    ["T1111", "59.90"],
  ];
  expect(await linesOf()).toEqual(ended);
  expect((await lever("reversals")).status).toBe(422);
  expect(await linesOf()).toEqual(ended);
  expect(await refusalOf(shop.payments.refundCapturedPayment({ captureId }))).toMatchObject({
    issue: "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK",
  });
});
