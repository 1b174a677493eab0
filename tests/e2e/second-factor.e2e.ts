import { type APIRequestContext, expect, type Page, test } from "@playwright/test";
import { nextTotp, totp } from "./authenticator.ts";
import { axeFindsNothing } from "./axe.ts";
import { asOwner, asOwnerIn } from "./staff.ts";

const password = "correct horse battery";

async function aMember(request: APIRequestContext) {
  const email = `${crypto.randomUUID()}@shop.example`;
  const owner = await asOwner(request);
  const name = `Nora ${crypto.randomUUID().slice(0, 8)}`;
  await owner.change("users.staff.add", { name, email, password, roles: ["support"] });
  return { name, email };
}

async function signIn(page: Page, email: string, by = password): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(by);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Leaves the dashboard first: one that finds itself signed out goes to the door by itself, and meets whoever is on the way there. */
async function forget(page: Page): Promise<void> {
  await page.goto("about:blank");
  await page.context().clearCookies();
}

const isIn = (page: Page) => expect(page.getByRole("heading", { name: "Orders" })).toBeVisible();

async function openSecurity(page: Page): Promise<void> {
  await page.getByRole("button", { name: /Nora/ }).click();
  await page.getByRole("menuitem", { name: "Security" }).click();
  await expect(page.getByRole("heading", { name: "Security" })).toBeVisible();
}

test("an authenticator app is set up by its QR code or secret, and asked for from then on", async ({
  page,
  browser,
  request,
}) => {
  const { name, email } = await aMember(request);
  await signIn(page, email);
  await isIn(page);
  await openSecurity(page);
  await page.getByRole("button", { name: "Set up an app" }).click();
  await page.getByLabel("Your password").fill(password);
  await page.getByRole("button", { name: "Go on" }).click();
  const image = page.getByRole("img", { name: /QR code/ });
  await expect(image).toBeVisible();
  expect(await image.evaluate((element) => Reflect.get(element, "naturalWidth"))).toBeGreaterThan(0);
  await axeFindsNothing(page);
  const secret = (await page.locator("code").textContent()) ?? "";
  await page.getByLabel("The code that the app shows").fill(totp(secret));
  await page.getByRole("button", { name: "Turn on" }).click();
  const codes = page.getByRole("list", { name: "Back-up codes" }).getByRole("listitem");
  await expect(codes).toHaveCount(10);
  const [backup = ""] = await codes.allInnerTexts();
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Stoa" })).toBeVisible();

  await signIn(page, email);
  const field = page.getByLabel("Code of your authenticator app");
  await field.fill("000000");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText(/code is wrong/)).toBeVisible();
  await axeFindsNothing(page);
  await field.fill(nextTotp(secret));
  await page.getByRole("button", { name: "Continue" }).click();
  await isIn(page);

  await forget(page);
  await signIn(page, email);
  await page.getByRole("button", { name: "Use a back-up code" }).click();
  await page.getByLabel("Back-up code").fill(backup);
  await page.getByRole("button", { name: "Continue" }).click();
  await isIn(page);
  await openSecurity(page);
  await expect(page.getByText("9 back-up codes left.")).toBeVisible();
  await page.getByRole("button", { name: "Choose a new password" }).click();
  await page.getByLabel("Present password").fill(password);
  await page.getByLabel("New password").fill(`another ${password}`);
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByText(/The password is changed/)).toBeVisible();

  await page.goto("about:blank");
  const desk = await (await asOwnerIn(browser, request)).newPage();
  await desk.goto("/staff");
  const row = desk.getByRole("listitem", { name }).first();
  await expect(row.getByText("Authenticator app")).toBeVisible();
  await row.getByRole("button", { name: /Reset second factor/ }).click();
  await desk.getByRole("button", { name: "Reset the second factor" }).click();
  await expect(row.getByText("Password alone")).toBeVisible();
  await desk.context().close();
  await page.goto("/orders");
  await expect(page.getByRole("heading", { name: "Sign in to Stoa" })).toBeVisible();
  await signIn(page, email, `another ${password}`);
  await isIn(page);
});

test("a passkey signs in by itself, and the password alone no longer does", async ({ page, request }) => {
  const { email } = await aMember(request);
  const device = await page.context().newCDPSession(page);
  await device.send("WebAuthn.enable");
  const { authenticatorId } = await device.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await signIn(page, email);
  await isIn(page);
  await openSecurity(page);
  await page.getByLabel("Name of this device").fill("Nora's laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Nora's laptop" })).toBeVisible();
  await axeFindsNothing(page);
  await page.getByRole("button", { name: "Back to the dashboard" }).click();
  await isIn(page);

  await forget(page);
  await signIn(page, email);
  await expect(page.getByText(/You sign in with a passkey/)).toBeVisible();
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await isIn(page);

  // A device that does not make sure who holds it is one factor only.
  await forget(page);
  await device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await page.goto("/sign-in");
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page.getByText(/No passkey was used/)).toBeVisible();
});
