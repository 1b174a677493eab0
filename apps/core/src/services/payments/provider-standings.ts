import { type Clock, toTimestamp } from "@stoa/kernel";
import type { ProviderName } from "./payment.ts";
import type { CallRecord } from "./providers/gate.ts";

/** How a provider has last been met by this process. Times are RFC 3339; null before the first such call since its start. */
export interface ProviderStanding {
  /** When it last answered, be it with a refusal. */
  readonly answeredAt: string | null;
  /** The last call that it did not answer, or answered with an error of its own. */
  readonly failure: { readonly at: string; readonly operation: string; readonly code: string | null } | null;
}

export interface ProviderStandings {
  record(call: CallRecord): void;
  of(provider: ProviderName): ProviderStanding;
}

/** Remembers the last answer and the last failure of each provider. What was never sent says nothing about it. */
export function createProviderStandings(clock: Clock): ProviderStandings {
  const known = new Map<ProviderName, ProviderStanding>();
  const of = (provider: ProviderName) => known.get(provider) ?? { answeredAt: null, failure: null };
  return {
    of,
    record({ provider, operation, outcome, code }) {
      if (outcome === "not_sent") return;
      const at = toTimestamp(clock.now());
      known.set(provider, {
        ...of(provider),
        ...(outcome === "unknown" ? { failure: { at, operation, code } } : { answeredAt: at }),
      });
    },
  };
}
