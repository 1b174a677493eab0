import { and, asc, eq, isNotNull } from "drizzle-orm";
import type { PaymentsDeps } from "../attempt.ts";
import type { ProviderName } from "../payment.ts";
import type { ProviderVault } from "../providers/provider.ts";
import { providerCustomer, savedMethod } from "../tables.ts";

const SWEEP_BATCH = 20;

export interface SavedMethodSweep {
  readonly done: number;
  readonly failed: readonly { readonly provider: ProviderName; readonly error: unknown }[];
}

/**
 * Tells providers what was removed or is to be forgotten, and then forgets it here: a row stays until the provider has said yes, behind
 * all others, so that those of a provider which does not answer keep none of another's waiting.
 * Any number of processes may sweep at once; being told twice is no mistake to a provider.
 */
export async function sweepSavedMethods(deps: PaymentsDeps): Promise<SavedMethodSweep> {
  const { db, clock } = deps;
  const [methods, customers] = await Promise.all([
    db
      .select()
      .from(savedMethod)
      .where(isNotNull(savedMethod.removedAt))
      .orderBy(asc(savedMethod.removedAt))
      .limit(SWEEP_BATCH),
    db
      .select()
      .from(providerCustomer)
      .where(isNotNull(providerCustomer.forgottenAt))
      .orderBy(asc(providerCustomer.forgottenAt))
      .limit(SWEEP_BATCH),
  ]);
  const work = [
    ...methods.map(({ id, provider, reference }) => ({
      provider,
      tell: (vault: ProviderVault) => vault.detach(reference),
      forget: () => db.delete(savedMethod).where(eq(savedMethod.id, id)),
      putOff: () => db.update(savedMethod).set({ removedAt: clock.now() }).where(eq(savedMethod.id, id)),
    })),
    ...customers.map(({ customerId, provider, reference }) => {
      const isIt = and(eq(providerCustomer.customerId, customerId), eq(providerCustomer.reference, reference));
      return {
        provider,
        tell: (vault: ProviderVault) => vault.forgetCustomer(reference),
        forget: () => db.delete(providerCustomer).where(isIt),
        putOff: () => db.update(providerCustomer).set({ forgottenAt: clock.now() }).where(isIt),
      };
    }),
  ];
  const failed: { provider: ProviderName; error: unknown }[] = [];
  for (const { provider, tell, forget, putOff } of work) {
    try {
      const vault = deps.providers.get(provider)?.vault;
      if (!vault) throw new Error(`${provider} keeps no cards, or has no credentials`);
      await tell(vault);
      await forget();
    } catch (error) {
      failed.push({ provider, error });
      await putOff();
    }
  }
  return { done: work.length - failed.length, failed };
}
