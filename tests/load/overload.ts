import { resolve } from "node:path";
import { startBare } from "./bare.ts";
import { type Answer, type Crowd, openCrowd, requestOf } from "./crowd.ts";

// A process of its own, so that as many connections as are wanted can be open: `overload.ts <edge url> <seconds>`, started by run.ts.

const [edgeUrl = "", secondsText = "5"] = process.argv.slice(2);
const seconds = Number(secondsText);

/** A shopper has gone by then, so a later answer is worth nothing. */
const PATIENCE_MS = 1_000;
const TIMES = 10;
const ROUNDS = 3;
const TICK_MS = 5;
/** What the platform lets through to one machine at once; the rest waits in front of it, where it costs edge nothing. */
const OPEN_MAX = await hardLimit();

interface Tally {
  good: number;
  /** Turned away with 503 and told when to come back. */
  shed: number;
  lost: number;
  /** Was not let through: every connection was waiting for an earlier answer. */
  unsent: number;
}

/** The bytes of the n-th request. */
type Requests = (n: number) => Buffer;

interface Asked {
  readonly url: string;
  readonly requests: Requests;
}

const { items } = (await (await fetch(`${edgeUrl}/v1/products?limit=50`)).json()) as { items: { slug: string }[] };
const pages = items.map(({ slug }) => requestOf(`${edgeUrl}/v1/products/${slug}`));
const page = await (await fetch(`${edgeUrl}/v1/products/${items[0]?.slug}`)).arrayBuffer();
const carts = Array.from({ length: 50 }, (_, n) =>
  requestOf(`${edgeUrl}/v1/carts`, { items: [{ sku: `LOAD-${n}`, quantity: 1 }] }),
);

// The first rounds also warm the shop up.
await show("product pages", { url: edgeUrl, requests: turn(pages) }, [16, 32, 64, 32]);
// What the machine makes of so many connections when nothing is done for any of them but to answer.
await using bare = await startBare(page);
await show("a bare server's pages", { url: bare.url, requests: turn(pages) }, [16, 32, 64, 32]);
await show("carts", { url: edgeUrl, requests: turn(carts) }, [8, 16, 32, 16, 32]);

/**
 * The most there is, and what is left of it with ten times as many connections, and with ten times as many requests a second. The
 * machine may be busier at one time than at another, so the most is taken anew on both sides of each.
 */
async function show(name: string, asked: Asked, inFlights: readonly number[]): Promise<void> {
  const best = await peak(asked, inFlights);
  console.log(`${`${name}, ${best.inFlight} at once`.padEnd(42)} ${best.perSecond.toFixed(0)}/s in time`);
  const most = async () => (await crowded(asked, best.inFlight)).good / seconds;
  let before = await most();
  const beside = async (text: string, tally: Tally) => {
    const after = await most();
    report(`${name}, ${TIMES} times the ${text}`, tally, (before + after) / 2);
    before = after;
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    await beside("connections", await crowded(asked, best.inFlight * TIMES));
    await beside("rate", await flooded(asked, best.perSecond * TIMES));
  }
}

/** The most answers in time, and how many were asked for at once to get them. */
async function peak(asked: Asked, inFlights: readonly number[]) {
  let best = { inFlight: 0, perSecond: 0 };
  for (const inFlight of inFlights) {
    const perSecond = (await crowded(asked, inFlight)).good / seconds;
    if (perSecond > best.perSecond) best = { inFlight, perSecond };
  }
  return best;
}

/** Every connection asks again as soon as it is answered. */
async function crowded({ url, requests }: Asked, inFlight: number): Promise<Tally> {
  using crowd = await openCrowd(url, inFlight);
  const tally: Tally = { good: 0, shed: 0, lost: 0, unsent: 0 };
  const until = performance.now() + seconds * 1_000;
  let sent = 0;
  const askOne = () => {
    if (performance.now() >= until) return;
    sent += 1;
    crowd.ask(requests(sent), (answer) => {
      count(tally, answer);
      askOne();
    });
  };
  for (let n = 0; n < inFlight; n += 1) askOne();
  return await untilOver(crowd, tally, until);
}

/** Asks at a steady rate, whether or not the earlier ones have been answered, as far as connections are free. */
async function flooded({ url, requests }: Asked, perSecond: number): Promise<Tally> {
  using crowd = await openCrowd(url, OPEN_MAX);
  const tally: Tally = { good: 0, shed: 0, lost: 0, unsent: 0 };
  const startedAt = performance.now();
  const until = startedAt + seconds * 1_000;
  let sent = 0;
  const askDue = () => {
    const now = performance.now();
    if (now >= until) return;
    for (const due = ((now - startedAt) / 1_000) * perSecond; sent < due; sent += 1) {
      if (!crowd.ask(requests(sent), answered)) tally.unsent += 1;
    }
  };
  const answered = (answer: Answer) => {
    count(tally, answer);
    askDue();
  };
  for (; performance.now() < until; await Bun.sleep(TICK_MS)) askDue();
  return await untilOver(crowd, tally, until);
}

async function untilOver(crowd: Crowd, tally: Tally, until: number): Promise<Tally> {
  await Bun.sleep(Math.max(0, until - performance.now()));
  await crowd.quiet();
  return tally;
}

function count(tally: Tally, { status, retryAfter, ms }: Answer): void {
  if (status !== null && status < 300 && ms <= PATIENCE_MS) tally.good += 1;
  else if (status === 503 && retryAfter) tally.shed += 1;
  else tally.lost += 1;
}

function report(name: string, { good, shed, lost, unsent }: Tally, best: number): void {
  const perSecond = good / seconds;
  const share = ((100 * perSecond) / best).toFixed(0);
  const others = `${shed} turned away, ${lost} lost${unsent > 0 ? `, ${unsent} without a free connection` : ""}`;
  console.log(`${name.padEnd(42)} ${perSecond.toFixed(0)}/s in time: ${share} % of ${best.toFixed(0)}; ${others}`);
}

async function hardLimit(): Promise<number> {
  const file = Bun.file(resolve(import.meta.dir, "../../apps/edge/fly.toml"));
  const { http_service } = Bun.TOML.parse(await file.text()) as {
    http_service: { concurrency: { hard_limit: number } };
  };
  return http_service.concurrency.hard_limit;
}

function turn(requests: readonly Buffer[]): Requests {
  return (n) => requests[n % requests.length] ?? Buffer.alloc(0);
}
