import { type Browser, expect, type Page, test } from "@playwright/test";
import { checkOut, started } from "./shopper.ts";

async function signIn(page: Page): Promise<void> {
  await page.goto("/");
  await page.getByLabel("E-mail").fill(started.owner.email);
  await page.getByLabel("Password").fill(started.owner.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Orders" })).toBeVisible();
}

type SignedIn = Awaited<ReturnType<Awaited<ReturnType<Browser["newContext"]>>["storageState"]>>;
let session: Promise<SignedIn> | null = null;

/** One session for all looks: the door allows few sign-ins a minute, as it should. */
function signedIn(browser: Browser): Promise<SignedIn> {
  session ??= (async () => {
    const context = await browser.newContext();
    await signIn(await context.newPage());
    const state = await context.storageState();
    await context.close();
    return state;
  })();
  return session;
}

test("a member of staff signs in and sees a shopper's order with its saga", async ({ page, request }) => {
  const order = await (await checkOut(request, { paymentMethod: "pm_card_visa" })).json();
  await signIn(page);
  session ??= page.context().storageState();
  await page
    .getByRole("link", { name: new RegExp(order.number) })
    .first()
    .click();
  await expect(page.getByRole("heading", { name: new RegExp(order.number) })).toBeVisible();
  for (const step of ["stock", "payment", "confirmed", "captured"]) {
    await expect(page.getByText(step, { exact: false }).first()).toBeVisible();
  }
});

test("a new order arrives without a reload", async ({ browser, request }) => {
  const page = await browser.newPage({ storageState: await signedIn(browser) });
  await page.goto("/orders");
  await expect(page.getByRole("heading", { name: "Orders" })).toBeVisible();
  await checkOut(request, { paymentMethod: "pm_card_visa" });
  await expect(page.getByText(/1 new order/)).toBeVisible();
  await page.close();
});

test("a wrong password says no more than that", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(started.owner.email);
  await page.getByLabel("Password").fill("certainly not this");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("E-mail or password is wrong.")).toBeVisible();
});
