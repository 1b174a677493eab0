import { currencySchema } from "@stoa/kernel";
import { type ResilienceEvent, resilient } from "@stoa/runtime";
import { z } from "zod";
import { LINE_AMOUNT_MAX } from "../cart.ts";
import type { RateProvider, RateQuestion, ShippingQuotes } from "./shipping-rates.ts";

export interface HttpRateProviderOptions {
  /** Where the question is posted to. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  readonly observe?: (event: ResilienceEvent) => void;
  /** For one attempt; there are at most two. */
  readonly timeoutMs?: number;
}

/** A shopper waits for it, so it gets little time; the fallback price is better than no answer. */
const TIMEOUT_MS = 1_500;
const BODY_BYTES_MAX = 64 * 1_024;

const answerSchema = z.object({
  rates: z
    .array(
      z.object({
        service: z.string().min(1).max(100),
        amount: z.int().min(0).max(LINE_AMOUNT_MAX),
        currency: currencySchema,
      }),
    )
    .max(200),
});

/**
 * Asks a service over HTTP: the question is posted as JSON, and the answer is
 * `{ "rates": [{ "service": "express", "amount": 1250, "currency": "USD" }] }`, amounts in minor units.
 * Under time-out, circuit breaker and bulkhead; tried twice, because a quote changes nothing.
 */
export function createHttpRateProvider({
  url,
  token,
  observe,
  timeoutMs = TIMEOUT_MS,
}: HttpRateProviderOptions): RateProvider {
  const guard = resilient({
    ...{ name: "shipping-rates", timeoutMs, retries: 1 },
    breaker: { failures: 5, halfOpenAfterMs: 10_000 },
    bulkhead: { concurrent: 16, queued: 64 },
    ...(observe && { observe }),
  });
  const headers = {
    "content-type": "application/json",
    accept: "application/json",
    ...(token && { authorization: `Bearer ${token}` }),
  };
  return {
    quote: (question) =>
      guard.run(
        async (signal) => {
          const body = JSON.stringify(question);
          const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "error" });
          return quotesIn(await textOf(response), question);
        },
        { safe: true },
      ),
  };
}

async function textOf(response: Response): Promise<string> {
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the rate provider answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the rest of the body.
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > BODY_BYTES_MAX) throw new Error("the rate provider's answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Only what was asked for, in the currency asked for. */
function quotesIn(text: string, { services, currency }: RateQuestion): ShippingQuotes {
  const { rates } = answerSchema.parse(JSON.parse(text));
  const wanted = rates.filter((rate) => services.includes(rate.service) && rate.currency === currency);
  return new Map(wanted.map((rate) => [rate.service, rate.amount]));
}
