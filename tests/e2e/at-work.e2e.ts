import { expect, test } from "@playwright/test";
import { checkOut, started } from "./shopper.ts";
import { asOwnerIn } from "./staff.ts";

test("a shop that is being restarted is told on the screen, which then lives again by itself", async ({
  browser,
  request,
}) => {
  const context = await asOwnerIn(browser, request);
  const page = await context.newPage();
  const changes = /orders\.staff\.changes/;
  await page.route(changes, (route) => route.fulfill({ status: 502, body: "Bad gateway" }));
  await page.goto("/orders");
  await expect(page.getByText("Connection lost")).toBeVisible();
  await page.unroute(changes);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  const email = `${crypto.randomUUID()}@example.com`;
  expect((await checkOut(request, { paymentMethod: "pm_card_visa", email })).status()).toBe(201);
  await expect(page.getByRole("button", { name: "1 new order" })).toBeVisible();
  await context.close();
});

test("a button that moves money is pressed twice and asks once", async ({ browser, request }) => {
  const placed = await checkOut(request, { paymentMethod: "pm_card_visa" });
  const { id } = await placed.json();
  const context = await asOwnerIn(browser, request);
  const page = await context.newPage();
  const asked: string[] = [];
  page.on("request", (sent) => {
    if (sent.method() === "POST" && sent.url().includes("orders.staff.cancel")) asked.push(sent.url());
  });
  await page.goto(`/orders/${id}`);
  await page.getByRole("button", { name: "Cancel order" }).click();
  await page.getByRole("button", { name: "Cancel the order" }).dblclick();
  await expect(page.getByText("Cancelled", { exact: true }).first()).toBeVisible();
  expect(asked).toHaveLength(1);
  await context.close();
});

test("who closes what a list has opened, or comes back to it, is where they were", async ({ browser, request }) => {
  const context = await asOwnerIn(browser, request, { viewport: { width: 1440, height: 600 } });
  const page = await context.newPage();
  await page.goto("/stock?q=B");
  const rows = page.getByRole("table", { name: "Stock" }).getByRole("link");
  await rows.nth(20).scrollIntoViewIfNeeded();
  const top = () => page.evaluate<number>("Math.round(scrollY)");
  const before = await top();
  expect(before).toBeGreaterThan(0);
  await rows.nth(20).click();
  await expect(page.getByRole("dialog", { name: "Stock" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(await top()).toBe(before);
  await expect(rows.nth(20)).toBeFocused();
  expect(new URL(page.url()).search).toBe("?q=B");
  await context.close();
});

test("the stock list says what each SKU is, and asks for a page of names at once", async ({ browser, request }) => {
  const context = await asOwnerIn(browser, request);
  const page = await context.newPage();
  const asked: string[] = [];
  page.on("request", (sent) => {
    if (sent.url().includes("catalog.products.ofSkus")) asked.push(sent.url());
  });
  await page.goto(`/stock?q=${started.sampleSku}`);
  await expect(page.getByRole("row", { name: /Stoneware Mug · Sage/ })).toBeVisible();
  expect(asked).toHaveLength(1);
  await context.close();
});

test("what is written in a drawer outlives a key pressed by mistake", async ({ browser, request }) => {
  const context = await asOwnerIn(browser, request);
  const page = await context.newPage();
  await page.goto("/settings/fields");
  await page.getByRole("button", { name: "New field" }).first().click();
  const drawer = page.getByRole("dialog", { name: /New field/ });
  await drawer.getByRole("textbox", { name: "Name" }).fill("Care instructions");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Keep editing" }).click();
  await expect(page.getByText("Close without saving?")).toHaveCount(0);
  await expect(drawer.getByRole("textbox", { name: "Name" })).toHaveValue("Care instructions");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Close without saving" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "New field" }).first()).toBeFocused();
  await context.close();
});
