import type { CustomerId } from "@stoa/kernel";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { groupsOf, type Offer } from "../catalog/index.ts";
import type { ShopperFacts } from "./context.ts";
import type { ShopperName } from "./customer-keys.ts";
import type { Promotion, Shopper } from "./promotion.ts";

type Reading = Database | Transaction;

/** Codes of the customer's groups, asked for only when a price or a promotion depends on them. */
export async function groupsFor(
  facts: ShopperFacts,
  db: Reading,
  question: {
    readonly customerId: CustomerId | null;
    readonly offers: Iterable<Offer>;
    readonly promotions: readonly Promotion[];
  },
): Promise<readonly string[]> {
  const { customerId, offers, promotions } = question;
  if (customerId === null) return [];
  const matters =
    [...offers].some((offer) => offer.prices?.some((price) => groupsOf(price).length > 0)) ||
    promotions.some((promotion) => promotion.conditions.some((condition) => condition.kind === "customer_groups"));
  return matters ? facts.groupsOf(db, customerId) : [];
}

/** What promotions ask about the shopper. Somebody who is not known yet may be new. */
export async function findShopper(
  facts: ShopperFacts,
  db: Reading,
  question: {
    readonly name: ShopperName;
    readonly groups: readonly string[];
    readonly promotions: readonly Promotion[];
  },
): Promise<Shopper> {
  const { name, groups, promotions } = question;
  const matters = promotions.some((one) => one.conditions.some((condition) => condition.kind === "first_order"));
  const isKnown = name.customerId !== null || name.email !== null;
  const hasOrdered = matters && isKnown && (await facts.hasOrdered(db, name));
  return { isSignedIn: name.customerId !== null, groups, hasOrdered };
}
