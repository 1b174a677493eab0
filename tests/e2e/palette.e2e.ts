import { type Browser, expect, type Page, test } from "@playwright/test";
import { checkOut } from "./shopper.ts";
import { asOwnerIn } from "./staff.ts";

type Request = Parameters<typeof asOwnerIn>[1];

/** The palette over the list of stock, with what core finds held back until `release` is called. */
async function openPalette(browser: Browser, request: Request) {
  const page = await (await asOwnerIn(browser, request)).newPage();
  await page.goto("/stock");
  await expect(page.getByRole("heading", { name: "Stock" })).toBeVisible();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await page.route(/\/trpc\/[^?]*orders\.staff\.list/, async (route) => {
    await released;
    await route.continue();
  });
  await page.keyboard.press("ControlOrMeta+k");
  const input = page.getByRole("dialog").getByRole("combobox");
  await expect(input).toBeFocused();
  return { page, input, release };
}

const selected = (page: Page) => page.getByRole("option", { selected: true });

test("Enter before the hits are there opens the order of that number", async ({ browser, request }) => {
  const { number } = await (await checkOut(request, { paymentMethod: "pm_card_visa" })).json();
  const { page, input, release } = await openPalette(browser, request);
  await input.fill(`#${number}`);
  await input.press("Enter");
  await expect(input).toBeVisible();
  release();
  await expect(page.getByRole("heading", { name: `Order ${number}` })).toBeVisible();
  await page.context().close();
});

test("a hit that arrives late is selected, unless somebody has moved to another line", async ({ browser, request }) => {
  const { number } = await (await checkOut(request, { paymentMethod: "pm_card_visa" })).json();
  const first = await openPalette(browser, request);
  await first.input.fill(number);
  first.release();
  await expect(selected(first.page)).toContainText(number);
  await first.input.press("Enter");
  await expect(first.page.getByRole("heading", { name: `Order ${number}` })).toBeVisible();
  await first.page.context().close();

  const moved = await openPalette(browser, request);
  await moved.input.fill(number);
  await moved.input.press("ArrowDown");
  await expect(selected(moved.page)).toHaveText(`All in Products for “${number}”`);
  moved.release();
  await expect(moved.page.getByRole("option").filter({ hasText: "@" })).toBeVisible();
  await expect(selected(moved.page)).toHaveText(`All in Products for “${number}”`);
  await moved.input.press("Enter");
  await expect(moved.page).toHaveURL(new RegExp(`/products\\?q=.*${number}`));
  await moved.page.context().close();
});

test("a screen's name opens the screen at once", async ({ browser, request }) => {
  const { page, input } = await openPalette(browser, request);
  await input.fill("syst");
  await input.press("Enter");
  await expect(page.getByRole("heading", { name: "System" })).toBeVisible();
  await page.context().close();
});
