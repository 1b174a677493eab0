import type { Clock } from "@stoa/kernel";
import type { Logger, Metrics } from "@stoa/runtime";
import type { CoreConfig } from "./config.ts";
import { askShippingRates, askTaxes, type CartsDeps, createHttpAsker, Quotes } from "./services/carts/index.ts";

export interface OutsideQuotesOptions {
  readonly config: CoreConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The providers of shipping rates and taxes that the environment names; none when it names none. */
export function createOutsideQuotes(options: OutsideQuotesOptions): Pick<CartsDeps, "shippingRates" | "taxQuotes"> {
  const { config, clock, logger, metrics } = options;
  const calls = metrics.counter({
    name: "quote_calls_total",
    help: "Calls to providers of shipping rates and taxes by what came of them, and their circuits opening and closing",
    labels: ["provider", "event"],
  });
  const asker = (name: string, url: string, token: string | undefined) =>
    createHttpAsker({ name, url, token, observe: ({ kind }) => calls({ provider: name, event: kind }) });
  const silence = (provider: string) => (error: unknown) =>
    logger.warn("a provider gave no quote; the shop's own terms hold", { provider, error });
  const { SHIPPING_RATES_URL: ratesUrl, TAX_QUOTES_URL: taxUrl } = config;
  const rates = ratesUrl && askShippingRates(asker("shipping", ratesUrl, config.SHIPPING_RATES_TOKEN));
  const taxes = taxUrl && askTaxes(asker("tax", taxUrl, config.TAX_QUOTES_TOKEN));
  return {
    ...(rates && { shippingRates: new Quotes({ ask: rates, clock, onSilence: silence("shipping") }) }),
    ...(taxes && { taxQuotes: new Quotes({ ask: taxes, clock, onSilence: silence("tax") }) }),
  };
}
