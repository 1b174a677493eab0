import type { Clock } from "@stoa/kernel";
import type { Logger, Metrics } from "@stoa/runtime";
import type { CoreConfig } from "./config.ts";
import { type CartsDeps, createHttpRateProvider, ShippingRates } from "./services/carts/index.ts";

export interface ShippingRatesOptions {
  readonly config: CoreConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The provider of shipping rates that the environment names; none when it names none. */
export function createShippingRates(options: ShippingRatesOptions): Pick<CartsDeps, "shippingRates"> {
  const { config, clock, logger, metrics } = options;
  const { SHIPPING_RATES_URL: url, SHIPPING_RATES_TOKEN: token } = config;
  if (url === undefined) return {};
  const calls = metrics.counter({
    name: "shipping_rate_calls_total",
    help: "Calls to the shipping rate provider by what came of them, and its circuit opening and closing",
    labels: ["event"],
  });
  const provider = createHttpRateProvider({ url, token, observe: ({ kind }) => calls({ event: kind }) });
  const onSilence = (error: unknown) =>
    logger.warn("the shipping rate provider gave no answer; its options cost their fallback", { error });
  return { shippingRates: new ShippingRates({ provider, clock, onSilence }) };
}
