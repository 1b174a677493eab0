import { type DeskAct, drawDesk } from "./desk-plan.ts";
import { drawFaults, type FaultPlan, noFaults } from "./faults.ts";
import { Stream } from "./random.ts";

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/** What one shopper does; times in virtual milliseconds. */
export interface Shopper {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly hasCode: boolean;
  /** Pays as far as it goes with the one gift card that all shoppers of a seed share. */
  readonly hasGiftCard: boolean;
  readonly payment: {
    readonly provider: "stripe" | "paypal" | "manual";
    readonly paymentMethod?: string;
    readonly returnUrl?: string;
  };
  /** When the button is pressed; a second time, if any, with the same key or as another tab would. */
  readonly clicks: readonly { readonly atMs: number; readonly key: string }[];
  readonly cancelsAtMs: number | null;
  /** Another tab changes the cart in the middle. */
  readonly editsAtMs: number | null;
  /** What becomes of a 3-D Secure page, or of PayPal's. */
  readonly decision: "pay" | "decline" | "leave";
}

/** Everything that a seed decides before the first step. */
export interface Scenario {
  readonly seed: number;
  readonly stock: ReadonlyMap<string, number>;
  readonly prices: ReadonlyMap<string, number>;
  readonly promotionLimit: number | null;
  /** Cents on the gift card that shoppers share; null for none. */
  readonly giftCard: number | null;
  readonly capture: "at_confirmation" | "at_shipment";
  readonly shoppers: readonly Shopper[];
  readonly desk: readonly DeskAct[];
  /** How often the process that places an order carries its saga on at once. */
  readonly carried: number;
  readonly cores: number;
  readonly faults: FaultPlan;
}

const SHOPPERS_MAX = 4;
const CLICK_MS_MAX = 2_000;
const CANCEL_MS_MAX = 4_000;
const WALLET_CHANCE = 0.3;
const ONCE_CHANCE = 0.5;

export function drawScenario(seed: number): Scenario {
  const stream = new Stream(seed, "scenario");
  const faults = drawFaults(stream);
  const skus = stream.chance(0.6) ? ["RED"] : ["RED", "BLUE"];
  const promotionLimit = stream.chance(0.4) ? stream.between(1, 2) : null;
  // A stream of their own, so that seeds from before there were gift cards decide everything else as they did.
  const cards = new Stream(seed, "gift cards");
  const giftCard = cards.chance(0.4) ? cards.between(1, 300) * 50 : null;
  // Likewise for those who pay with PayPal.
  const wallets = new Stream(seed, "wallets");
  const shoppers = Array.from({ length: stream.between(1, SHOPPERS_MAX) }, (_, index) => {
    const terms = { name: `shopper ${index + 1}`, skus, hasPromotion: promotionLimit !== null, faults };
    const shopper = { ...drawShopper(stream, terms), hasGiftCard: giftCard !== null && cards.chance(0.7) };
    return wallets.chance(WALLET_CHANCE) ? { ...shopper, payment: byWallet, decision: drawDecision(wallets) } : shopper;
  });
  const desk = drawDesk(
    seed,
    shoppers.map(({ name }) => name),
  );
  return withHoldsTakenOnce({
    seed,
    // Staff need orders of several units to do something to, and shoppers still meet the end of the stock.
    stock: new Map(skus.map((sku) => [sku, stream.between(1, 3) + (desk.length > 0 ? shoppers.length : 0)])),
    prices: new Map(skus.map((sku) => [sku, stream.between(1, 200) * 50])),
    promotionLimit,
    giftCard,
    capture: stream.chance(0.85) ? "at_confirmation" : "at_shipment",
    shoppers: desk.length > 0 ? shoppers.map(withMore) : shoppers,
    desk,
    carried: stream.pick([0, 0.5, 1]),
    cores: stream.chance(0.5) ? 1 : 2,
    faults,
  });
}

/** Where parcels take the money, some cards' holds can be captured only once. A stream of their own, for the same reason. */
function withHoldsTakenOnce(scenario: Scenario): Scenario {
  if (scenario.capture !== "at_shipment") return scenario;
  const cards = new Stream(scenario.seed, "holds taken once");
  const shoppers = scenario.shoppers.map((shopper) =>
    shopper.payment.paymentMethod === "pm_card_visa" && cards.chance(ONCE_CHANCE)
      ? { ...shopper, payment: { ...shopper.payment, paymentMethod: "pm_card_jcb" } }
      : shopper,
  );
  return { ...scenario, shoppers };
}

function withMore(shopper: Shopper): Shopper {
  return { ...shopper, lines: shopper.lines.map(({ sku, quantity }) => ({ sku, quantity: quantity + 1 })) };
}

interface ShopperTerms {
  readonly name: string;
  readonly skus: readonly string[];
  readonly hasPromotion: boolean;
  readonly faults: FaultPlan;
}

function drawShopper(stream: Stream, { name, skus, hasPromotion, faults }: ShopperTerms): Omit<Shopper, "hasGiftCard"> {
  const wanted = skus.filter((_, index) => index === 0 || stream.chance(0.5));
  const first = stream.between(1, CLICK_MS_MAX);
  const again = stream.chance(faults.doubleClick);
  const second = {
    atMs: first + stream.between(0, 300),
    key: stream.chance(0.5) ? `${name} key` : `${name} other tab`,
  };
  return {
    name,
    lines: wanted.map((sku) => ({ sku, quantity: stream.chance(0.8) ? 1 : 2 })),
    hasCode: hasPromotion && stream.chance(0.8),
    payment: drawPayment(stream),
    clicks: [{ atMs: first, key: `${name} key` }, ...(again ? [second] : [])],
    cancelsAtMs: stream.chance(faults.cancel) ? first + stream.between(1, CANCEL_MS_MAX) : null,
    editsAtMs: stream.chance(0.15) ? first + stream.between(-100, 300) : null,
    decision: drawDecision(stream),
  };
}

function drawDecision(stream: Stream): Shopper["decision"] {
  return stream.chance(0.6) ? "pay" : stream.chance(0.5) ? "decline" : "leave";
}

const byWallet = { provider: "paypal", returnUrl: "https://shop.example/done" } as const;

function drawPayment(stream: Stream): Shopper["payment"] {
  const draw = stream.next();
  if (draw < 0.08) return { provider: "manual" };
  const returnUrl = "https://shop.example/done";
  if (draw < 0.25) return { provider: "stripe", paymentMethod: "pm_card_authenticationRequired", returnUrl };
  if (draw < 0.4) return { provider: "stripe", paymentMethod: "pm_card_visa_chargeDeclined" };
  return { provider: "stripe", paymentMethod: "pm_card_visa" };
}

/** A day without faults on which everything happens once: bought, declined, cancelled, with a code and 3-D Secure. */
export function calmScenario(): Scenario {
  const visa = { provider: "stripe", paymentMethod: "pm_card_visa" } as const;
  const declined = { provider: "stripe", paymentMethod: "pm_card_visa_chargeDeclined" } as const;
  const shopper = (name: string, atMs: number, more: Partial<Shopper> = {}): Shopper => ({
    name,
    lines: [{ sku: "RED", quantity: 2 }],
    hasCode: false,
    hasGiftCard: false,
    payment: visa,
    clicks: [{ atMs, key: `${name} key` }],
    cancelsAtMs: null,
    editsAtMs: null,
    decision: "pay",
    ...more,
  });
  const authenticated = {
    provider: "stripe",
    paymentMethod: "pm_card_authenticationRequired",
    returnUrl: "https://shop.example/done",
  } as const;
  return {
    seed: 0,
    stock: new Map([["RED", 20]]),
    prices: new Map([["RED", 2_500]]),
    promotionLimit: 5,
    giftCard: 14_000,
    capture: "at_confirmation",
    shoppers: [
      shopper("buyer", 100, { hasCode: true }),
      shopper("declined", 200, { payment: declined }),
      shopper("canceller", 300, { cancelsAtMs: 4_000 }),
      shopper("gifted", 350, { hasGiftCard: true }),
      shopper("gifted and gone", 700, { hasGiftCard: true, cancelsAtMs: 4_500 }),
      shopper("gifted and declined", 1_350, { hasGiftCard: true, payment: declined }),
      shopper("careful", 400, { payment: authenticated }),
    ],
    desk: [],
    carried: 0.5,
    cores: 1,
    faults: noFaults,
  };
}
