import { parseArgs } from "node:util";
import type { Clock } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Composition } from "../compose.ts";
import type { CoreConfig } from "../config.ts";
import { greetMailServer, readMailHealth } from "../notifications/index.ts";
import { verifyAuditChain } from "../platform/audit/index.ts";
import { readOutboxHealth } from "../platform/outbox/index.ts";
import { recentSagas } from "../platform/saga/index.ts";
import { verifyPromises, verifyStock } from "../services/inventory/index.ts";
import { verifyCredits } from "../services/payments/index.ts";
import { examineInvariants } from "./invariants.ts";
import type { Output } from "./output.ts";

export interface DoctorDeps {
  readonly config: CoreConfig;
  readonly composition: Composition;
  readonly clock: Clock;
  readonly output: Output;
}

const USAGE = `Usage: stoa doctor [--deep]

Looks for what is misconfigured or not well, and says what to do about it.

Options:
  --deep   also walks the audit chain and compares stock and gift cards with their histories
  --help   show this text
`;

/** `warn` is worth knowing, `bad` is worth getting up for. */
export interface Finding {
  readonly verdict: "ok" | "warn" | "bad";
  readonly what: string;
  /** What to do; nothing when all is well. */
  readonly remedy?: string;
}

type Examination = (deps: DoctorDeps) => Promise<Finding>;

/** Runs `stoa doctor`. Answers the exit code: 0, 1 when something is bad, 2 for arguments that are wrong. */
export async function runDoctor(args: readonly string[], deps: DoctorDeps): Promise<number> {
  const { output } = deps;
  let isDeep: boolean;
  try {
    const options = { deep: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) {
      output.write(USAGE);
      return 0;
    }
    isDeep = values.deep ?? false;
  } catch (error) {
    output.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  let worst = 0;
  for (const [name, examine] of [...Object.entries(quick), ...(isDeep ? Object.entries(deep) : [])]) {
    const finding = await examined(deps, name, examine);
    if (finding.verdict === "bad") worst = 1;
    const sign = { ok: "ok  ", warn: "warn", bad: "BAD " }[finding.verdict];
    output.write(`${sign} ${name}: ${finding.what}\n${finding.remedy ? `       ${finding.remedy}\n` : ""}`);
  }
  return worst;
}

/** Where each of the services that others stand on is said to be. */
const variables: Readonly<Record<string, string>> = {
  PostgreSQL: "DATABASE_URL",
  MongoDB: "MONGODB_URL",
  Redis: "REDIS_URL",
  Typesense: "TYPESENSE_URL",
  QStash: "QSTASH_URL",
};

async function examined(deps: DoctorDeps, name: string, examine: Examination): Promise<Finding> {
  try {
    return await examine(deps);
  } catch (error) {
    const what = firstCause(error);
    const variable = variables[name];
    if (variable) return { verdict: "bad", what, remedy: `Check that ${name} runs and that ${variable} is right.` };
    return { verdict: "bad", what: `could not be looked at: ${what}`, remedy: "Mend first what is bad above." };
  }
}

/** What went wrong at the bottom: a statement that failed is no news where the connection is refused. */
function firstCause(error: unknown): string {
  if (error instanceof Error && error.cause instanceof Error) return firstCause(error.cause);
  return (error instanceof Error ? error.message.split("\n")[0] : String(error)) || "no answer";
}

const quick: Readonly<Record<string, Examination>> = {
  PostgreSQL: async ({ composition: { db } }) => {
    const [row] = await db.execute<{ version: string; schemas: number }>(
      sql`select current_setting('server_version') as version,
        (select count(*)::int from information_schema.schemata where schema_name in
          ('platform', 'users', 'inventory', 'payments', 'carts', 'orders', 'notifications')) as schemas`,
    );
    if (row?.schemas === 7) return { verdict: "ok", what: `version ${row.version}` };
    const remedy = "Start core once, or set MIGRATE_ON_START=true.";
    return { verdict: "bad", what: "the schemas are not complete", remedy };
  },
  MongoDB: async ({ composition: { mongo, catalog } }) => {
    await mongo.ping();
    const products = await catalog.products.estimatedDocumentCount();
    if (products > 0) return { verdict: "ok", what: `${products} products` };
    return { verdict: "warn", what: "there are no products", remedy: "stoa import <file>" };
  },
  Redis: async ({ composition: { redis } }) => {
    // What the client says of a connection that is not there speaks of its own options.
    if (redis.status !== "ready") throw new Error("no connection");
    await redis.ping();
    return { verdict: "ok", what: "answers" };
  },
  Typesense: async ({ config }) => {
    const headers = { "x-typesense-api-key": config.TYPESENSE_API_KEY };
    const answer = await ask(new URL("/collections", config.TYPESENSE_URL), headers);
    if (answer.status === 200) return { verdict: "ok", what: "answers and takes the key" };
    return { verdict: "bad", what: `answered ${answer.status}`, remedy: "Check TYPESENSE_API_KEY." };
  },
  QStash: async ({ config }) => {
    const headers = { authorization: `Bearer ${config.QSTASH_TOKEN}` };
    const answer = await ask(new URL("/v2/keys", config.QSTASH_URL), headers);
    if (answer.status !== 200) {
      return { verdict: "bad", what: `answered ${answer.status}`, remedy: "Check QSTASH_URL and QSTASH_TOKEN." };
    }
    const { current } = (await answer.json()) as { current?: string };
    if (current === config.QSTASH_CURRENT_SIGNING_KEY || current === config.QSTASH_NEXT_SIGNING_KEY) {
      return { verdict: "ok", what: "answers, and its signing key is ours" };
    }
    const remedy = "Set QSTASH_CURRENT_SIGNING_KEY and QSTASH_NEXT_SIGNING_KEY to the keys of this account.";
    return { verdict: "bad", what: "signs with a key that core would refuse", remedy };
  },
  "public addresses": async ({ config }) => {
    const { PUBLIC_URL, ADMIN_URL, WEBHOOK_BASE_URL, NODE_ENV } = config;
    const open = [PUBLIC_URL, ADMIN_URL, WEBHOOK_BASE_URL].filter((url) => !url.startsWith("https://"));
    if (open.length === 0 || NODE_ENV !== "production") return { verdict: "ok", what: PUBLIC_URL };
    return { verdict: "bad", what: `${open.join(", ")} without TLS`, remedy: "Production needs https addresses." };
  },
  payments: async ({ config, composition: { payments } }) => {
    const names = [...payments.providers.keys()];
    const isUnheard = config.STRIPE_SECRET_KEY && !config.STRIPE_WEBHOOK_SECRET;
    if (isUnheard) {
      return { verdict: "bad", what: "Stripe's events cannot be verified", remedy: "Set STRIPE_WEBHOOK_SECRET." };
    }
    if (names.length > 1) return { verdict: "ok", what: names.join(", ") };
    return { verdict: "warn", what: "only manual payment", remedy: "Set STRIPE_SECRET_KEY or PAYPAL_CLIENT_ID." };
  },
  mail: async ({ config, composition: { db }, clock }) => {
    if (!config.SMTP_URL) {
      return { verdict: "bad", what: "mails are kept and none is sent", remedy: "Set SMTP_URL and MAIL_FROM." };
    }
    const refusal = await greetMailServer({ url: config.SMTP_URL }).then(() => null, firstCause);
    if (refusal !== null) {
      const remedy = "Check that the mail server runs and that SMTP_URL is right. Mails wait: docs/operations/mail.md";
      return { verdict: "bad", what: `the mail server does not let us in: ${refusal}`, remedy };
    }
    const { waiting, oldestSeconds, dead } = await readMailHealth(db, clock.now());
    const what = `${waiting} waiting, the oldest for ${Math.round(oldestSeconds)} s, ${dead} given up in seven days`;
    const isFromNowhere = config.NODE_ENV === "production" && config.MAIL_FROM.includes("@localhost");
    if (isFromNowhere) return { verdict: "bad", what: "mails come from localhost", remedy: "Set MAIL_FROM." };
    if (oldestSeconds > 300)
      return { verdict: "bad", what, remedy: "Look for what the mail server says in core's log." };
    if (dead > 0)
      return { verdict: "warn", what, remedy: "Look at why, then send them again: docs/operations/mail.md" };
    return { verdict: "ok", what };
  },
  messages: async ({ composition: { db }, clock }) => {
    const { waiting, lagSeconds, deadLetters } = await readOutboxHealth(db, clock.now());
    const what = `${waiting} waiting, the oldest for ${Math.round(lagSeconds)} s, ${deadLetters} dead letters`;
    if (deadLetters > 0)
      return { verdict: "warn", what, remedy: "Look at them in the dashboard under System; replay or leave." };
    if (lagSeconds < 30) return { verdict: "ok", what };
    return { verdict: "bad", what, remedy: "Is a core with the role worker running, and does QStash answer?" };
  },
  sagas: async ({ composition: { db } }) => {
    const stuck = await recentSagas(db, ["stuck"], 50);
    if (stuck.length === 0) return { verdict: "ok", what: "none is stuck" };
    const remedy = `Look at them in the dashboard under System: ${stuck
      .slice(0, 3)
      .map((saga) => saga.key)
      .join(", ")}`;
    return { verdict: "bad", what: `${stuck.length} stuck`, remedy };
  },
};

const deep: Readonly<Record<string, Examination>> = {
  "audit chain": async ({ composition: { db } }) => {
    const { rows, brokenAt } = await verifyAuditChain(db);
    if (brokenAt === null) return { verdict: "ok", what: `${rows} rows, whole` };
    return { verdict: "bad", what: `broken at row ${brokenAt}`, remedy: "Somebody has changed or removed rows." };
  },
  stock: async ({ composition: { db } }) => {
    const wrong = await verifyStock({ db });
    if (wrong.length === 0) return { verdict: "ok", what: "every level equals its movements" };
    const skus = wrong.slice(0, 5).map((level) => level.sku);
    return {
      verdict: "bad",
      what: `${wrong.length} levels differ: ${skus.join(", ")}`,
      remedy: "Core's regular check repairs them from the movements, unless inventory's settings say otherwise.",
    };
  },
  "gift cards": async ({ composition: { db } }) => {
    const wrong = await verifyCredits(db);
    if (wrong.length === 0) return { verdict: "ok", what: "every balance equals its entries and the ledger" };
    const what = `${wrong.length} differ: ${wrong.slice(0, 5).map((one) => `${one.what} of ${one.about}`)}`;
    return { verdict: "bad", what, remedy: "payments.gift_card_entry is the truth; see docs/operations/payments.md." };
  },
  "promised stock": async ({ composition: { db } }) => {
    const wrong = await verifyPromises({ db });
    if (wrong.length === 0) return { verdict: "ok", what: "counters agree with reservations and allocations" };
    const skus = wrong.slice(0, 5).map(({ sku, counter }) => `${sku} (${counter})`);
    const remedy = "Compare the SKUs' movements with their reservations and orders before anything is changed.";
    return { verdict: "bad", what: `${wrong.length} counters differ: ${skus.join(", ")}`, remedy };
  },
  invariants: ({ config, clock }) => examineInvariants(config, new Date(clock.now())),
};

const PATIENCE_MS = 5_000;

function ask(url: URL, headers: Record<string, string>): Promise<Response> {
  return fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
}
