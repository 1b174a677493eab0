import { expect, test } from "@playwright/test";
import { axeFindsNothing } from "./axe.ts";
import { started } from "./shopper.ts";
import { asOwner, asOwnerIn } from "./staff.ts";

// One after the other: each goes on with the fields that the one before has defined.
test.describe.configure({ mode: "serial" });

test("staff define a field, and it is asked for and told by the key they gave it", async ({ browser, request }) => {
  const context = await asOwnerIn(browser, request);
  const page = await context.newPage();
  await page.goto("/settings/fields");
  await expect(page.getByRole("heading", { name: "No fields of products yet" })).toBeVisible();
  await axeFindsNothing(page);
  await page.getByRole("button", { name: "New field" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Care & washing");
  await expect(page.getByLabel("Key")).toHaveValue("care_washing");
  await page.getByLabel("Kind").selectOption("Choice");
  await page.getByLabel("Choices").fill("cold | Wash cold\nhand | Wash by hand");
  await page.getByLabel("Shoppers see it").check();
  await page.getByLabel("Shoppers filter by it").check();
  await axeFindsNothing(page);
  await page.getByRole("button", { name: "Save field" }).click();
  await expect(page.getByText("Field saved")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "Care & washing" })).toContainText("Filter");

  await page.getByRole("button", { name: "Orders" }).click();
  await page.getByRole("button", { name: "New field" }).first().click();
  await page.getByLabel("Name", { exact: true }).fill("Gift message");
  await page.getByLabel("Characters at most").fill("20");
  await page.getByLabel("Shoppers see it").check();
  await page.getByLabel("Shoppers fill it in on the cart").check();
  await page.getByRole("button", { name: "Save field" }).click();
  await expect(page.getByText("Gift message", { exact: true })).toBeVisible();
  await context.close();

  const told = async () => {
    const answer = await request.get(`${started.edgeUrl}/v1/custom-fields?entity=order`);
    return (await answer.json()).items.map(({ key, label }: { key: string; label: string }) => [key, label]);
  };
  await expect(async () => expect(await told()).toEqual([["gift_message", "Gift message"]])).toPass();
});

test("a product's fields are filled in on its page and told to shoppers", async ({ browser, request }) => {
  const owner = await asOwner(request);
  const [{ id, slug }] = (await owner.read("catalog.products.list", { statuses: ["published"] })).items;
  const context = await asOwnerIn(browser, request);
  const page = await context.newPage();
  await page.goto(`/products/${id}`);
  await page.getByLabel("Care & washing").selectOption("Wash cold");
  await expect(page.getByText("Unsaved changes")).toBeVisible();
  await page.getByRole("button", { name: "Save fields" }).click();
  await expect(page.getByText("Fields saved")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Care & washing")).toHaveValue("cold");
  await axeFindsNothing(page);
  await context.close();
  const shown = async () => (await (await request.get(`${started.edgeUrl}/v1/products/${slug}`)).json()).customFields;
  await expect(async () => expect(await shown()).toEqual({ care_washing: "cold" })).toPass({ timeout: 20_000 });
});

test("what a shopper says on the cart is on the order's page, where staff change it or hear why not", async ({
  browser,
  request,
}) => {
  const edge = (path: string) => started.edgeUrl + path;
  const items = [{ sku: started.sampleSku, quantity: 1 }];
  const cart = await (await request.post(edge("/v1/carts"), { data: { items } })).json();
  const said = { customFields: { gift_message: "For Ada" } };
  expect((await (await request.patch(edge(`/v1/carts/${cart.id}`), { data: said })).json()).customFields).toEqual(
    said.customFields,
  );
  const methods = await (await request.get(edge(`/v1/carts/${cart.id}/shipping-methods`))).json();
  const placed = await request.post(edge(`/v1/carts/${cart.id}/checkout`), {
    headers: { "idempotency-key": crypto.randomUUID() },
    data: {
      email: "ada@example.com",
      shippingAddress: { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" },
      shippingMethod: methods.items[0].id,
      payment: { provider: "stripe", paymentMethod: "pm_card_visa" },
    },
  });
  const order = await placed.json();
  expect(order.customFields).toEqual(said.customFields);

  const context = await asOwnerIn(browser, request);
  const page = await context.newPage();
  await page.goto(`/orders/${order.id}`);
  const message = page.getByLabel("Gift message");
  await expect(message).toHaveValue("For Ada");
  await message.fill("A message that is longer than it may be");
  await page.getByRole("button", { name: "Save fields" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "must have at most 20 characters" })).toBeVisible();
  await message.fill("For Bea");
  await page.getByRole("button", { name: "Save fields" }).click();
  await expect(page.getByText("Fields saved")).toBeVisible();
  await axeFindsNothing(page);
  await context.close();
});

test("a limit that values would break is shown before it is saved, and an archived field stays on what has it", async ({
  browser,
  request,
}) => {
  const context = await asOwnerIn(browser, request);
  const page = await context.newPage();
  await page.goto("/settings/fields?of=order");
  await page.getByRole("button", { name: "Edit Gift message" }).click();
  await page.getByLabel("Characters at most").fill("3");
  await page.getByRole("button", { name: "Save field" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "would not fit any more" })).toBeVisible();
  await page.getByRole("button", { name: "Save all the same" }).click();
  await expect(page.getByText("Field saved")).toBeVisible();
  await page.getByRole("button", { name: "Archive Gift message" }).click();
  await page.getByRole("button", { name: "Archive the field" }).click();
  await expect(page.getByText("Archived", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Delete Gift message" }).click();
  await page.getByRole("button", { name: "Delete the field" }).click();
  await expect(page.getByText(/values? are there; archive the field instead/)).toBeVisible();
  await page.goto("/orders");
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  await expect(page.getByText("For Bea")).toBeVisible();
  await context.close();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`the fields' page is in order for everybody, ${colorScheme}, wide or narrow`, async ({ browser, request }) => {
    for (const width of [1440, 390]) {
      const context = await asOwnerIn(browser, request, { colorScheme, viewport: { width, height: 900 } });
      const page = await context.newPage();
      await page.goto("/settings/fields");
      await expect(page.getByText("Care & washing")).toBeVisible();
      await axeFindsNothing(page);
      const isWider = await page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth",
      );
      expect(isWider).toBe(false);
      await context.close();
    }
  });
}
