import { type Address, type CustomerName, customers } from "./shoppers.ts";

export interface OrderSeed {
  readonly by: CustomerName | { readonly email: string };
  readonly to: Address;
  readonly currency: "USD" | "EUR";
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  /** Name of the shipping method. */
  readonly shipping: "Standard" | "Express";
  /** A test card of Stripe's. */
  readonly card: string;
  /** How the order ends, for now: `waiting` for the bank's 3-D Secure. */
  readonly ends: "confirmed" | "declined" | "waiting" | "cancelled";
}

const portland: Address = {
  name: "Rosa Alvarez",
  line1: "88 Alder Street",
  city: "Portland",
  region: "OR",
  postalCode: "97205",
  country: "US",
};
const lyon: Address = {
  name: "Jules Perrin",
  line1: "4 rue Mercière",
  city: "Lyon",
  postalCode: "69002",
  country: "FR",
};
const { ada, grace, linus } = customers;

/** What was ordered before anybody looks into the shop. */
export const orders: readonly OrderSeed[] = [
  {
    by: "ada",
    to: ada.address,
    currency: "USD",
    items: [
      { sku: "LAMP-ARC-BRS", quantity: 1 },
      { sku: "MUG-STONE-SLT", quantity: 4 },
    ],
    shipping: "Standard",
    card: "pm_card_visa",
    ends: "confirmed",
  },
  {
    by: "grace",
    to: grace.address,
    currency: "USD",
    items: [
      { sku: "TENT-RIDGE-FOR", quantity: 1 },
      { sku: "BAG-SLEEP-NVY-REG", quantity: 2 },
      { sku: "STOVE-GAS", quantity: 1 },
    ],
    shipping: "Express",
    card: "pm_card_mastercard",
    ends: "confirmed",
  },
  {
    by: "linus",
    to: linus.address,
    currency: "EUR",
    items: [
      { sku: "POT-CAST-RED-5L", quantity: 1 },
      { sku: "KNIFE-CHEF-WAL", quantity: 1 },
    ],
    shipping: "Standard",
    card: "pm_card_visa",
    ends: "confirmed",
  },
  {
    by: { email: "rosa@example.com" },
    to: portland,
    currency: "USD",
    items: [
      { sku: "POT-TERRA-TER-20", quantity: 3 },
      { sku: "TROWEL-HAND-FOR", quantity: 1 },
      { sku: "CAN-WATER-SGE", quantity: 1 },
    ],
    shipping: "Standard",
    card: "pm_card_amex",
    ends: "confirmed",
  },
  {
    by: { email: "jules@example.com" },
    to: lyon,
    currency: "EUR",
    items: [{ sku: "BLANKET-WOOL-MUS", quantity: 1 }],
    shipping: "Express",
    card: "pm_card_visa",
    ends: "confirmed",
  },
  {
    by: "ada",
    to: ada.address,
    currency: "USD",
    items: [
      { sku: "MUG-STONE-SLT", quantity: 2 },
      { sku: "KETTLE-POUR-CPR", quantity: 1 },
    ],
    shipping: "Standard",
    card: "pm_card_visa_debit",
    ends: "cancelled",
  },
  {
    by: "grace",
    to: grace.address,
    currency: "USD",
    items: [{ sku: "CHAIR-LOOP-NVY", quantity: 1 }],
    shipping: "Standard",
    card: "pm_card_visa_chargeDeclinedInsufficientFunds",
    ends: "declined",
  },
  {
    by: "linus",
    to: linus.address,
    currency: "EUR",
    items: [{ sku: "PACK-TREK-FOR-ML", quantity: 1 }],
    shipping: "Express",
    card: "pm_card_threeDSecure2Required",
    ends: "waiting",
  },
];
