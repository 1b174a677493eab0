import { migrateDatabase } from "@stoa/core/testing";
import { startPaypal } from "@stoa/devstack/paypal";
import { startStripe } from "@stoa/devstack/stripe";
import postgres from "postgres";
import { openClient } from "./gated-database.ts";

const SECRET = "sk_test_stoa";

/** A database of its own and a provider, for one seed after another. */
export async function openLaboratory(adminUrl: string, name: string) {
  const admin = postgres(adminUrl, { max: 1, onnotice: () => undefined });
  await admin.unsafe(`drop database if exists ${name} with (force)`);
  await admin.unsafe(`create database ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const databaseUrl = url.href;
  await migrateDatabase(databaseUrl);
  const client = openClient(databaseUrl);
  const own = postgres(databaseUrl, { max: 4, onnotice: () => undefined });
  return {
    databaseUrl,
    client,
    own,
    /** A provider without a past for each seed. */
    provider: async () => {
      const running = await startStripe({
        port: 0,
        dataDir: null,
        secretKey: SECRET,
        webhookSecret: "whsec_test",
        webhookUrl: null,
        faults: { seed: 1 },
      });
      return { url: running.url, secretKey: SECRET, stop: () => running.stop() };
    },
    /** The same for wallets. */
    paypal: async () => {
      const credentials = { clientId: "stoa", clientSecret: "stoa-secret" };
      const standIn = { port: 0, dataDir: null, faults: { seed: 1 }, webhookId: "WH-STOA", webhookUrl: null };
      const running = await startPaypal({ ...standIn, ...credentials });
      return { url: running.url, ...credentials, stop: () => running.stop() };
    },
    /** Lets go of the database and leaves it as it is. */
    async close() {
      await Promise.all([client.end({ timeout: 1 }), own.end({ timeout: 1 }), admin.end()]);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([client.end({ timeout: 1 }), own.end({ timeout: 1 })]);
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}

export type Laboratory = Awaited<ReturnType<typeof openLaboratory>>;
