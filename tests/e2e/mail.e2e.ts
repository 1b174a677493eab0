import { expect, type Page, test } from "@playwright/test";
import { checkOut, started } from "./shopper.ts";

const anAddress = () => `${crypto.randomUUID()}@example.com`;

/** Waits for a mail in the mailbox's own page and opens it. */
async function openMail(page: Page, to: string, subject: RegExp) {
  await expect(async () => {
    await page.goto(`${started.mailboxUrl}/?to=${encodeURIComponent(to)}`);
    await page.getByRole("link", { name: subject }).click({ timeout: 1_000 });
  }).toPass();
  return page.frameLocator("iframe");
}

test("an order that is placed is in the mailbox within seconds, once, with what was bought", async ({
  page,
  request,
}) => {
  const email = anAddress();
  const response = await checkOut(request, { paymentMethod: "pm_card_visa", quantity: 2, email });
  expect(response.status()).toBe(201);
  const order = await response.json();
  const mail = await openMail(page, email, new RegExp(order.number));
  await expect(mail.getByRole("heading", { name: "Thank you for your order" })).toBeVisible();
  await expect(mail.getByText(order.items[0].title)).toBeVisible();
  await expect(mail.getByText("Ada Lovelace").first()).toBeVisible();
  const { items } = await (await request.get(`${started.mailboxUrl}/api/mails?to=${email}`)).json();
  expect(items.map((item: { deliveries: number }) => item.deliveries)).toEqual([1]);
});

test("a guest gets the invoice of their order as PDF, and a stranger does not", async ({ request }) => {
  const order = await (await checkOut(request, { paymentMethod: "pm_card_visa" })).json();
  const url = `${started.edgeUrl}/v1/orders/${order.id}/invoice`;
  const answer = await request.get(url, { headers: { "x-order-token": order.accessToken } });
  expect([answer.status(), answer.headers()["content-type"]]).toEqual([200, "application/pdf"]);
  expect((await answer.body()).subarray(0, 5).toString()).toBe("%PDF-");
  const again = await request.get(url, { headers: { "x-order-token": order.accessToken } });
  expect((await again.body()).equals(await answer.body())).toBe(true);
  expect((await request.get(url)).status()).toBe(404);
});

test("who registers confirms the address by the link in the mail", async ({ page, request }) => {
  const email = anAddress();
  const headers = { origin: started.edgeUrl };
  const data = { email, password: "correct horse battery", name: "Grace" };
  const response = await request.post(`${started.edgeUrl}/v1/auth/sign-up/email`, { data, headers });
  expect(response.status()).toBe(200);
  const { token } = await response.json();
  const mail = await openMail(page, email, /confirm your e-mail/i);
  const link = await mail.getByRole("link", { name: "Confirm address" }).getAttribute("href");
  const answer = await request.get(link ?? "", { maxRedirects: 0 });
  expect(answer.status()).toBeLessThan(400);
  const me = await request.get(`${started.edgeUrl}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
  expect(await me.json()).toMatchObject({ email, name: "Grace" });
});
