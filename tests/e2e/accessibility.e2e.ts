import { expect, type Page, test } from "@playwright/test";
import { axeFindsNothing } from "./axe.ts";
import { asOwnerIn } from "./staff.ts";

const heading = (page: Page, name: string | RegExp) =>
  expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
const isNarrow = (page: Page) => (page.viewportSize()?.width ?? 0) < 768;

async function open(page: Page, path: string, name: string | RegExp): Promise<void> {
  await page.goto(path);
  await heading(page, name);
}

async function openFirstOf(page: Page, path: string, list: string): Promise<void> {
  await open(page, path, list);
  await page.getByRole("table").getByRole("link").first().click();
  await expect(page.getByRole("link", { name: list, exact: true }).last()).toBeVisible();
}

async function openOrder(page: Page): Promise<void> {
  await openFirstOf(page, "/orders?q=rosa", "Orders");
  await heading(page, /^Order /);
  await expect(page.getByText("Asked for")).toBeVisible();
}

async function openProduct(page: Page): Promise<void> {
  await openFirstOf(page, "/products?q=fire", "Products");
  await expect(page.getByRole("heading", { name: "Variants" })).toBeVisible();
}

/** Everything that the dashboard can show, and how to get there. */
const looks: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  orders: (page) => open(page, "/orders", "Orders"),
  "a list without a match": async (page) => {
    await open(page, "/orders?q=nobody-knows-this", "Orders");
    await expect(page.getByText("Nothing matches")).toBeVisible();
  },
  "a list that cannot be loaded": async (page) => {
    await page.route(/catalog\.products\.list/, (route) => route.fulfill({ status: 500, body: "{}" }));
    await open(page, "/products", "Products");
    await expect(page.getByRole("alert")).toBeVisible({ timeout: 30_000 });
  },
  "the columns of a list": async (page) => {
    await open(page, "/orders", "Orders");
    if (!isNarrow(page)) await page.getByRole("button", { name: "Columns" }).click();
  },
  "an order": async (page) => {
    await openOrder(page);
    // What is folded shall be seen, too.
    for (const details of await page.locator("details > summary").all()) await details.click();
  },
  "the question before an order is cancelled": async (page) => {
    await openOrder(page);
    await page.getByRole("button", { name: "Cancel order" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
  },
  staff: async (page) => {
    await open(page, "/staff", "Staff");
    await expect(page.getByRole("list", { name: "Staff" })).toBeVisible();
  },
  "an order that is not there": (page) => open(page, "/orders/nothing", "There is nothing here"),
  "an address that is not there": (page) => open(page, "/nothing", "There is nothing here"),
  products: (page) => open(page, "/products", "Products"),
  "a product": openProduct,
  "a variant's prices": async (page) => {
    await openProduct(page);
    await page.getByRole("button", { name: /price/i }).first().click();
    await expect(page.getByRole("dialog", { name: "Prices" })).toBeVisible();
  },
  stock: (page) => open(page, "/stock", "Stock"),
  "a SKU's stock": async (page) => {
    await open(page, "/stock", "Stock");
    await page.getByRole("table").getByRole("link").first().click();
    await expect(page.getByRole("heading", { name: "Movements" })).toBeVisible();
  },
  "custom fields": (page) => open(page, "/settings/fields", "Custom fields"),
  "a new field": async (page) => {
    await open(page, "/settings/fields", "Custom fields");
    await page.getByRole("button", { name: "New field" }).first().click();
    await expect(page.getByRole("dialog")).toBeVisible();
  },
  disputes: (page) => open(page, "/disputes", "Disputes"),
  system: async (page) => {
    await open(page, "/system", "System");
    await expect(page.getByRole("heading", { name: "Payment providers" })).toBeVisible();
  },
  security: (page) => open(page, "/security", "Security"),
  "the palette": async (page) => {
    await open(page, "/stock", "Stock");
    await page.getByRole("button", { name: /^Find/ }).click();
    await page.getByRole("dialog").getByRole("combobox").fill("rosa");
    await expect(page.getByRole("option").filter({ hasText: "rosa@" }).first()).toBeVisible();
  },
  shortcuts: async (page) => {
    await open(page, "/stock", "Stock");
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Shortcuts" })).toBeVisible();
  },
  "the menu of who is signed in": async (page) => {
    await open(page, "/stock", "Stock");
    await page.getByRole("button", { name: /Olivia/ }).click();
    await expect(page.getByRole("menu")).toBeVisible();
  },
};

/** A menu is reached by its button, which stands in a landmark; the menu itself stands at the end of the page. */
const menus = new Set(["the columns of a list", "the menu of who is signed in"]);

const shapes = [1440, 390].map((width) => ({ viewport: { width, height: 900 }, reducedMotion: "reduce" as const }));

/** By day and by night: a page that is open follows the system. */
async function inBothThemes(page: Page, judge: () => Promise<void>): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator("html.dark")).toHaveCount(colorScheme === "dark" ? 1 : 0);
    await judge();
  }
}

for (const [name, look] of Object.entries(looks)) {
  test(`axe finds nothing on ${name}, light or dark, wide or narrow`, async ({ browser, request }) => {
    test.slow();
    for (const shape of shapes) {
      const context = await asOwnerIn(browser, request, shape);
      const page = await context.newPage();
      await look(page);
      await inBothThemes(page, () => axeFindsNothing(page, menus.has(name) ? ["region"] : []));
      // Nothing may make a phone scroll sideways.
      expect(await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      await context.close();
    }
  });
}

test("axe finds nothing at the door, light or dark, wide or narrow", async ({ browser }) => {
  for (const shape of shapes) {
    const context = await browser.newContext(shape);
    const page = await context.newPage();
    await open(page, "/sign-in", /Sign in/);
    await inBothThemes(page, () => axeFindsNothing(page));
    await context.close();
  }
});
