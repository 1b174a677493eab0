import type { Stack } from "@stoa/devstack";
import { bareOrders } from "./bare-orders.ts";
import { type Costs, type Meter, openMeter } from "./costs.ts";
import { printCosts } from "./report.ts";
import { type Bought, buy, firstShippingMethod } from "./shopper.ts";
import { between, line, type Measured, type MeasureOptions, measure } from "./side-by-side.ts";
import { stockLags } from "./stock-lag.ts";

export interface CheckoutOptions {
  readonly stack: Stack;
  readonly databaseUrl: string;
  /** SKUs with plenty of stock; shoppers go round. */
  readonly skus: readonly string[];
  readonly seconds: number;
  readonly inFlight: number;
  /** Prints every statement of core with its calls per order as well. */
  readonly showStatements: boolean;
}

/** So many checkouts first, or so long: what has run a few times only is not compiled yet. */
const WARM_UP = { checkouts: 600, seconds: 40 };

/**
 * Whole checkouts over the storefront API beside a bare loop of the SQL of an order, on the same Postgres in the same run: first
 * every shopper with SKUs of their own, then all with one SKU in common. What a checkout costs is counted over the first.
 */
export async function checkout(options: CheckoutOptions): Promise<void> {
  const { stack, databaseUrl, skus } = options;
  const edgeUrl = stack.urls.edge;
  await using meter = await openMeter(stack, databaseUrl);
  const shippingMethod = await firstShippingMethod(edgeUrl, skus[0] ?? "");
  const unrelated = (n: number) => [skus[(2 * n) % skus.length] ?? "", skus[(2 * n + 1) % skus.length] ?? ""];
  const hot = (n: number) => [skus[0] ?? "", skus[1 + (n % (skus.length - 1))] ?? ""];
  const shop = (pick: (n: number) => string[], limits: Limits = options) =>
    run({ ...limits, inFlight: options.inFlight }, (n) => buy(edgeUrl, pick(n), shippingMethod));
  await shop(unrelated, { seconds: WARM_UP.seconds, calls: WARM_UP.checkouts });
  await meter.quiet();
  const idle = await idleCosts(meter);
  const bareBefore = await bareOrders(options);
  const before = await meter.read();
  const { measured, bought } = await shop(unrelated);
  await meter.quiet();
  const after = await meter.read();
  // The machine may be busier at one time than at another, so the yardstick is taken on both sides.
  const bare = between(bareBefore, await bareOrders(options));
  console.log(line("bare order transaction", bare));
  console.log(line("checkouts, unrelated SKUs", measured, bare));
  printCosts({ before, after, idle, orders: bought.length, showStatements: options.showStatements });
  printBought(bought);
  const hotSku = (await shop(hot)).measured;
  await meter.quiet();
  console.log(line("checkouts, one hot SKU", hotSku, bare));
  console.log(`  ${((100 * hotSku.perSecond) / measured.perSecond).toFixed(0)} % of the rate of unrelated SKUs`);
  printLags(await stockLags({ edgeUrl, databaseUrl, skus }, () => shop(unrelated)));
}

type Limits = Pick<MeasureOptions, "seconds" | "calls">;

async function run(
  options: MeasureOptions,
  shopper: (n: number) => Promise<Bought>,
): Promise<{ readonly measured: Measured; readonly bought: readonly Bought[] }> {
  const bought: Bought[] = [];
  const measured = await measure(async (n) => void bought.push(await shopper(n)), options);
  return { measured, bought };
}

const IDLE_MS = 3_000;

/** What the sweeps cost while nobody buys anything, so that it is not laid at the orders' door. */
async function idleCosts(meter: Meter): Promise<{ readonly before: Costs; readonly after: Costs }> {
  const before = await meter.read();
  await Bun.sleep(IDLE_MS);
  return { before, after: await meter.read() };
}

function printLags(lags: readonly number[]): void {
  const at = (share: number) => lags[Math.min(lags.length - 1, Math.floor(lags.length * share))]?.toFixed(0) ?? "-";
  console.log(`stock at edge follows the commit after p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (${lags.length} changes)`);
}

function printBought(bought: readonly Bought[]): void {
  const mean = (of: (one: Bought) => number) => bought.reduce((sum, one) => sum + of(one), 0) / bought.length;
  const atOnce = bought.filter((one) => one.atOnce).length;
  console.log(
    `  the shopper waits ${mean((one) => one.cartMs).toFixed(1)} ms for the cart, ${mean((one) => one.checkoutMs).toFixed(1)} ms for checkout`,
  );
  console.log(`  ${atOnce} of ${bought.length} were confirmed in the answer to checkout`);
}
