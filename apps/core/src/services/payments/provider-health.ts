import type { ResilienceState } from "@stoa/runtime";
import { count, eq, inArray, isNull } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import type { ProviderName } from "./payment.ts";
import type { ProviderStanding, ProviderStandings } from "./provider-standings.ts";
import type { PaymentProvider } from "./providers/provider.ts";
import { payment, providerEvent, refund } from "./tables.ts";

/** How a provider stands: its guard and its last calls as this process knows them, what is left to do as the database does. */
export interface ProviderHealth extends ProviderStanding, ResilienceState {
  readonly provider: ProviderName;
  /** News of it that has not been applied yet. */
  readonly unappliedEvents: number;
  /** Refunds that were asked for and whose end nobody has heard. */
  readonly openRefunds: number;
}

export interface ProviderHealthDeps {
  readonly db: Database;
  readonly providers: ReadonlyMap<ProviderName, PaymentProvider>;
  readonly standings: ProviderStandings;
}

/** Of every provider that is called; those that nobody calls, such as payment by hand, have no health. */
export async function readProviderHealth({ db, providers, standings }: ProviderHealthDeps): Promise<ProviderHealth[]> {
  const [events, refunds] = await Promise.all([
    db
      .select({ provider: providerEvent.provider, total: count() })
      .from(providerEvent)
      .where(isNull(providerEvent.appliedAt))
      .groupBy(providerEvent.provider),
    db
      .select({ provider: payment.provider, total: count() })
      .from(refund)
      .innerJoin(payment, eq(payment.id, refund.paymentId))
      .where(inArray(refund.state, ["requested", "pending"]))
      .groupBy(payment.provider),
  ]);
  const totalOf = (rows: typeof events, name: ProviderName) => rows.find(({ provider }) => provider === name)?.total;
  return [...providers.values()].flatMap(({ name, guard }) => {
    if (!guard) return [];
    const backlog = { unappliedEvents: totalOf(events, name) ?? 0, openRefunds: totalOf(refunds, name) ?? 0 };
    return [{ provider: name, ...guard(), ...standings.of(name), ...backlog }];
  });
}
