import { type MediaStore, openMediaStore } from "@stoa/runtime";
import { z } from "zod";
import type { DemoShop, SeedInput } from "../stack/demo-shop.ts";
import { type ShelfProduct, shelf } from "./catalog/shelf.ts";
import { type Dashboard, openDashboard } from "./dashboard.ts";
import { fillCatalog } from "./fill-catalog.ts";
import { fillStock } from "./fill-stock.ts";
import { ask } from "./http.ts";
import { inParallel } from "./in-parallel.ts";
import { type OrderSeed, orders } from "./orders.ts";
import { placeOrder } from "./place-order.ts";
import { type CustomerName, customers, signUp } from "./shoppers.ts";
import { addStaff, colleagues, owner } from "./staff.ts";
import { type ImageUrl, writeImages } from "./write-images.ts";

const SAMPLE_SKU = "MUG-STONE-SGE";
const SHOPPERS_AT_A_TIME = 4;
const SHOWN_MS = 30_000;
const POLL_MS = 50;

/**
 * Fills a new shop from outside, as its people would: staff by the command line, products and stock through the dashboard's
 * calls, customers and orders through the storefront. An empty shop gets staff alone.
 * @throws Error that says which step was refused; the shop is then half-written.
 */
export async function seedDemoShop(input: SeedInput): Promise<DemoShop> {
  const { env, urls, empty, progress } = input;
  progress("Letting staff in");
  if (empty) {
    // One after the other, because the first makes the roles.
    for (const person of [owner, ...colleagues]) await addStaff(env, person);
    return { signIns: staffSignIns(), sampleSku: null };
  }
  const publicUrl = required(env, "PUBLIC_URL");
  const [imageUrl, tokens] = await Promise.all([
    writeImages(mediaOf(env), shelf),
    inParallel(names, SHOPPERS_AT_A_TIME, (name) => signUp(urls.edge, publicUrl, customers[name])),
    addStaff(env, owner),
  ]);
  const sessions = new Map(names.map((name, index) => [name, tokens[index] ?? ""]));
  const dashboard = await openDashboard({ coreUrl: urls.core, adminUrl: required(env, "ADMIN_URL") }, owner);
  await Promise.all([
    inParallel(colleagues, 1, (person) => addStaff(env, person)),
    openShop(input, { dashboard, imageUrl, sessions }),
  ]);
  return { signIns: [...staffSignIns(), ...customerSignIns()], sampleSku: SAMPLE_SKU };
}

/** Where the applications keep the shop's pictures. */
function mediaOf(env: SeedInput["env"]): MediaStore {
  const { MEDIA_URL: url, MEDIA_ACCESS_KEY_ID: accessKeyId, MEDIA_SECRET_ACCESS_KEY: secretAccessKey } = env;
  return openMediaStore({ url, accessKeyId, secretAccessKey, folder: required(env, "MEDIA_DIR") });
}

const names: readonly CustomerName[] = ["ada", "grace", "linus"];

interface Opening {
  readonly dashboard: Dashboard;
  readonly imageUrl: ImageUrl;
  /** Tokens of the customers who have signed up. */
  readonly sessions: ReadonlyMap<CustomerName, string>;
}

async function openShop({ urls, progress }: SeedInput, { dashboard, imageUrl, sessions }: Opening): Promise<void> {
  progress(`Filling the shelves with ${shelf.length} products`);
  await fillCatalog(dashboard, shelf, imageUrl);
  await fillStock(dashboard, shelf);
  progress(`Placing ${orders.length} orders`);
  await inParallel(orders, SHOPPERS_AT_A_TIME, (order) => placeOrder(shopperOf(urls.edge, order, sessions), order));
  await untilShown(urls.edge, shelf);
}

function shopperOf(edgeUrl: string, { by }: OrderSeed, sessions: Opening["sessions"]) {
  if (typeof by !== "string") return { edgeUrl, email: by.email, token: null };
  return { edgeUrl, email: customers[by].email, token: sessions.get(by) ?? null };
}

const page = z.object({ total: z.int() });

/** Products reach the storefront a moment after they were published. */
async function untilShown(edgeUrl: string, products: readonly ShelfProduct[]): Promise<void> {
  const step = "showing the products";
  const deadline = Date.now() + SHOWN_MS;
  for (;;) {
    const { total } = await ask({ step, url: `${edgeUrl}/v1/products?limit=1` }, page);
    if (total >= products.length) return;
    if (Date.now() > deadline) throw new Error(`${step}: the storefront shows ${total} of ${products.length}`);
    await Bun.sleep(POLL_MS);
  }
}

function staffSignIns(): DemoShop["signIns"] {
  return [owner, ...colleagues].map(({ role, email, password }) => ({ role, email, password }));
}

function customerSignIns(): DemoShop["signIns"] {
  return names.map((name) => ({ role: "customer", email: customers[name].email, password: customers[name].password }));
}

function required(env: SeedInput["env"], name: string): string {
  const value = env[name];
  if (!value) throw new Error(`the shop's environment has no ${name}`);
  return value;
}
