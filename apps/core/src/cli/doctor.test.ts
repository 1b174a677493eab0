import { expect, test } from "bun:test";
import { startMailbox } from "@stoa/devstack/mailbox";
import { systemClock } from "@stoa/kernel";
import { createLogger, noMetrics } from "@stoa/runtime";
import { compose } from "../compose.ts";
import { readConfig } from "../config.ts";
import { runDoctor } from "./doctor.ts";

/** Nobody listens there. */
const AWAY = "127.0.0.1:1";
const SECRET = "x".repeat(48);

async function examine(env: Record<string, string>): Promise<{ code: number; text: string }> {
  const config = readConfig({
    NODE_ENV: "test",
    DATABASE_URL: `postgres://stoa:secret@${AWAY}/stoa`,
    MONGODB_URL: `mongodb://${AWAY}/stoa`,
    REDIS_URL: `redis://${AWAY}`,
    TYPESENSE_URL: `http://${AWAY}`,
    TYPESENSE_API_KEY: "key",
    QSTASH_URL: `http://${AWAY}`,
    QSTASH_TOKEN: "token",
    QSTASH_CURRENT_SIGNING_KEY: "sig_1",
    QSTASH_NEXT_SIGNING_KEY: "sig_2",
    PUBLIC_URL: "http://shop.example",
    ADMIN_URL: "http://admin.shop.example",
    WEBHOOK_BASE_URL: "http://core.shop.example",
    AUTH_SECRET: SECRET,
    INTERNAL_TOKEN_SECRET: SECRET,
    ORDER_TOKEN_SECRET: SECRET,
    ...env,
  });
  const texts: string[] = [];
  const output = { isTerminal: false, write: (text: string) => void texts.push(text) };
  const logger = createLogger({ name: "stoa", level: "silent" });
  await using composition = await compose({ config, clock: systemClock, logger, metrics: noMetrics });
  const code = await runDoctor([], { config, composition, clock: systemClock, output });
  return { code, text: texts.join("") };
}

test("the doctor says of each service that is away why, and which variable names it; what stands on it is not blamed", async () => {
  const { code, text } = await examine({ SMTP_URL: `smtp://${AWAY}` });
  expect(code).toBe(1);
  expect(text).toContain("BAD  PostgreSQL: connect ECONNREFUSED 127.0.0.1:1\n");
  expect(text).toContain("Check that PostgreSQL runs and that DATABASE_URL is right.");
  expect(text).toContain("BAD  MongoDB: connect ECONNREFUSED 127.0.0.1:1\n");
  expect(text).toContain("BAD  Redis: no connection\n");
  expect(text).toContain("Check that QStash runs and that QSTASH_URL is right.");
  expect(text).toContain("BAD  mail: the mail server does not let us in: connect ECONNREFUSED 127.0.0.1:1\n");
  expect(text).toContain("BAD  messages: could not be looked at: connect ECONNREFUSED");
  expect(text).not.toContain("Failed query");
}, 60_000);

test("a mail server that answers is not blamed for a database that does not", async () => {
  await using mailbox = await startMailbox({ port: 0, pagePort: 0, dataDir: null });
  const { text } = await examine({ SMTP_URL: mailbox.url });
  expect(text).toContain("BAD  mail: could not be looked at: connect ECONNREFUSED 127.0.0.1:1\n");
}, 60_000);
