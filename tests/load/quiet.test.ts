import { expect, test } from "bun:test";
import { startStripe } from "@stoa/devstack/stripe";
import { owesWebhooks } from "./quiet.ts";

test("the shop is not at rest while an event is on its way to it", async () => {
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  await using shop = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async () => {
      arrived.resolve();
      await answer.promise;
      return new Response(null, { status: 200 });
    },
  });
  const secretKey = "sk_test_load";
  await using stripe = await startStripe({
    port: 0,
    dataDir: null,
    secretKey,
    webhookSecret: "whsec_load",
    webhookUrl: shop.url.href,
  });
  const account = { url: stripe.url, secretKey };
  expect(await owesWebhooks(account)).toBe(false);
  const made = await fetch(`${stripe.url}/v1/payment_intents`, {
    method: "POST",
    body: new URLSearchParams({ amount: "1000", currency: "eur" }),
    headers: { authorization: `Bearer ${secretKey}` },
  });
  expect(made.status).toBe(200);
  await arrived.promise;
  expect(await owesWebhooks(account)).toBe(true);
  answer.resolve();
  while (await owesWebhooks(account)) await Bun.sleep(5);
});
