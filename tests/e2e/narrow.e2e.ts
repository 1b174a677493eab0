import { type Browser, expect, type Page, test } from "@playwright/test";
import { checkOut } from "./shopper.ts";
import { asOwnerIn } from "./staff.ts";

/** What core answers to a call of the dashboard, changed on its way: names and amounts that the demo shop does not have. */
async function answering<A>(page: Page, procedure: string, change: (answer: A) => void): Promise<void> {
  await page.route(new RegExp(`/trpc/[^?]*${procedure.replaceAll(".", "\\.")}`), async (route) => {
    const response = await route.fetch();
    const answers = await response.json();
    const names = new URL(route.request().url()).pathname.replace("/trpc/", "").split(",");
    names.forEach((name, index) => {
      if (name === procedure) change(answers[index].result.data);
    });
    await route.fulfill({ response, json: answers });
  });
}

/** What can be pressed or read in the page and reaches beyond the edge of the screen, where nobody comes to it. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll("main a, main button, main td, main dd, main address")]
    .filter((one) => one.checkVisibility() && one.closest("fieldset, .overflow-x-auto") === null)
    .filter((one) => one.getBoundingClientRect().right > innerWidth)
    .map((one) => one.textContent.slice(0, 60))`);
}

interface Order {
  readonly items: object[];
  readonly totals: { total: object };
  readonly shippingAddress: { line1: string };
}

const onPhone = (browser: Browser, request: Parameters<typeof asOwnerIn>[1]) =>
  asOwnerIn(browser, request, { viewport: { width: 390, height: 844 } });
const LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz";
const DINARS = { amount: 115_571_730, currency: "KWD" };

test("on a phone a long name, a long SKU and a long amount push nothing off the screen", async ({
  browser,
  request,
}) => {
  const email = `${crypto.randomUUID()}@example.com`;
  const placed = await checkOut(request, { paymentMethod: "pm_card_visa", email });
  const { id, number } = await placed.json();
  const context = await onPhone(browser, request);
  const page = await context.newPage();
  await answering<{ items: Order[] }>(page, "orders.staff.list", ({ items }) => {
    for (const order of items) order.totals.total = DINARS;
  });
  await answering<Order>(page, "orders.staff.get", (order) => {
    order.shippingAddress.line1 = `${LONG}straße 117b`;
    order.totals.total = DINARS;
    for (const item of order.items) Object.assign(item, { sku: "LONG-SKU-".repeat(7), title: LONG, total: DINARS });
  });
  await page.goto(`/orders?q=${email}`);
  await expect(page.getByText("KWD").filter({ visible: true })).toHaveCount(1);
  expect(await cutOff(page)).toEqual([]);
  await page.goto(`/orders/${id}`);
  await expect(page.getByRole("heading", { name: `Order ${number}` })).toBeVisible();
  await expect(page.getByRole("table", { name: "Items" })).toContainText(LONG);
  expect(await cutOff(page)).toEqual([]);
  await context.close();
});

test("on a phone a dead letter can be sent again, however long its error is", async ({ browser, request }) => {
  const context = await onPhone(browser, request);
  const page = await context.newPage();
  await answering<{ items: object[] }>(page, "system.deadLetters", (answer) => {
    const error = `duplicate key value violates unique constraint "${"very_long_name_".repeat(6)}"`;
    const letter = {
      id: "msg_1",
      source: "queue",
      type: "a_message_with_a_name_that_takes_more_than_a_line",
      key: "ord_1",
    };
    answer.items = [{ ...letter, error, attempts: 10, createdAt: new Date().toISOString() }];
  });
  await page.goto("/system");
  await expect(page.getByRole("button", { name: "Send again" })).toBeVisible();
  expect(await cutOff(page)).toEqual([]);
  await context.close();
});
