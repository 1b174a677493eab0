import { parseArgs } from "node:util";
import { type InvariantReport, isWhole, openStores, verify } from "@stoa/verifier";

// `bun tests/faults/verify.ts --database-url …`: asks all invariants of a shop, and says what does not hold.

const USAGE = `Usage: bun tests/faults/verify.ts --database-url <url> [options]

Asks the 24 invariants of a shop. What is not named is not looked at, and the answer says so.

Options:
  --redis-url <url>          read models, sessions
  --mongodb-url <url>        the catalog
  --typesense-url <url>      the search index, with --typesense-api-key
  --typesense-api-key <key>
  --stripe-url <url>         books of the payment stand-ins
  --paypal-url <url>
  --settled                  nothing is under way any more: every fact has to be in its place
  --now <time>               the hour of the shop, when it has a clock of its own
  --erased <text>            name, e-mail, phone or address of an erased customer; may be given often
  --rebuild <command>        writes all read models anew, such as "bun scripts/stoa.ts rebuild"
  --only <number>            only this invariant; may be given often
  --json                     the reports as JSON
  --help                     show this text
`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const { values } = parseArgs({
  options: {
    "database-url": text,
    "redis-url": text,
    "mongodb-url": text,
    "typesense-url": text,
    "typesense-api-key": text,
    "stripe-url": text,
    "paypal-url": text,
    settled: flag,
    now: text,
    erased: { ...text, multiple: true },
    rebuild: text,
    only: { ...text, multiple: true },
    json: flag,
    help: { ...flag, short: "h" },
  },
});
const databaseUrl = values["database-url"];
if (values.help || databaseUrl === undefined) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}

const stores = await openStores({
  databaseUrl,
  redisUrl: values["redis-url"],
  mongodbUrl: values["mongodb-url"],
  typesenseUrl: values["typesense-url"],
  typesenseApiKey: values["typesense-api-key"],
  stripeUrl: values["stripe-url"],
  paypalUrl: values["paypal-url"],
});
const { rebuild } = values;
const reports = await verify(stores, {
  mode: values.settled ? "settled" : "live",
  ...(values.now === undefined ? {} : { now: new Date(values.now) }),
  erased: values.erased ?? [],
  rebuild: rebuild === undefined ? null : () => run(rebuild),
  ...(values.only ? { only: values.only.map(Number) } : {}),
});
await stores[Symbol.asyncDispose]();
console.log(values.json ? JSON.stringify(reports, null, 2) : reports.map(lines).join("\n"));
process.exit(isWhole(reports) ? 0 : 1);

function lines({ number, title, verdict, breaches }: InvariantReport): string {
  const sign = { holds: "ok  ", broken: "FAIL", not_asked: "-   " }[verdict];
  return [`${sign} ${String(number).padStart(2)} ${title}`, ...breaches.map((breach) => `        ${breach}`)].join(
    "\n",
  );
}

async function run(command: string): Promise<void> {
  const child = Bun.spawn(["sh", "-c", command], { stdout: "ignore", stderr: "inherit" });
  if ((await child.exited) !== 0) throw new Error(`${command} failed`);
}
