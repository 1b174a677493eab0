import type { CustomerId } from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import type { Database, Transaction } from "../../../platform/db/index.ts";
import { type PaymentsDeps, providerOf } from "../attempt.ts";
import type { ProviderName } from "../payment.ts";
import { providerCustomer } from "../tables.ts";

export interface CustomerAtProvider {
  readonly customerId: CustomerId;
  readonly provider: ProviderName;
}

/** How a provider calls a customer of ours; null when it does not know them. */
export async function findProviderCustomer(
  db: Database | Transaction,
  { customerId, provider }: CustomerAtProvider,
): Promise<string | null> {
  const [known] = await db
    .select({ reference: providerCustomer.reference })
    .from(providerCustomer)
    .where(and(eq(providerCustomer.customerId, customerId), eq(providerCustomer.provider, provider)));
  return known?.reference ?? null;
}

/**
 * Makes a customer known to a provider, once: the provider's key for it is made from their id, and of two who do it at once one wins.
 * Null where the provider finds its name for them itself. A call outside, so never within a transaction.
 */
export async function ensureProviderCustomer(deps: PaymentsDeps, customer: CustomerAtProvider): Promise<string | null> {
  const { customerId, provider } = customer;
  const known = await findProviderCustomer(deps.db, customer);
  if (known !== null) return known;
  const { vault } = providerOf(deps, { provider, amount: 1 });
  if (!vault) throw new Error(`${provider} keeps no cards`);
  if (!vault.createCustomer) return null;
  const reference = await vault.createCustomer(customerId);
  await deps.db
    .insert(providerCustomer)
    .values({ customerId, provider, reference, createdAt: deps.clock.now() })
    .onConflictDoNothing();
  return (await findProviderCustomer(deps.db, customer)) ?? reference;
}
