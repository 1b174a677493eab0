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
/** No machine has room for more. */
const OPEN_MAX = 4_000;

interface Tally {
  good: number;
  /** Turned away with 503 and told when to come back. */
  shed: number;
  lost: number;
  /** Could not even be asked: every connection was waiting for an earlier answer. */
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

/** The most there is, and what is left of it with ten times as many connections, and with ten times as many requests a second. */
async function show(name: string, asked: Asked, inFlights: readonly number[]): Promise<void> {
  const best = await peak(asked, inFlights);
  console.log(`${`${name}, ${best.inFlight} at once`.padEnd(42)} ${best.perSecond.toFixed(0)}/s in time`);
  for (let round = 0; round < ROUNDS; round += 1) {
    report(`${name}, ${TIMES} times the connections`, await crowded(asked, best.inFlight * TIMES), best.perSecond);
    report(`${name}, ${TIMES} times the rate`, await flooded(asked, best.perSecond * TIMES), best.perSecond);
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

/** Asks at a steady rate, whether or not the earlier ones have been answered. */
async function flooded({ url, requests }: Asked, perSecond: number): Promise<Tally> {
  using crowd = await openCrowd(url, OPEN_MAX);
  const tally: Tally = { good: 0, shed: 0, lost: 0, unsent: 0 };
  const startedAt = performance.now();
  const until = startedAt + seconds * 1_000;
  for (let sent = 0; performance.now() < until; ) {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond);
    for (; sent < due; sent += 1) {
      if (!crowd.ask(requests(sent), (answer) => count(tally, answer))) tally.unsent += 1;
    }
    await Bun.sleep(TICK_MS);
  }
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
  console.log(`${name.padEnd(42)} ${perSecond.toFixed(0)}/s in time: ${share} % of the most; ${others}`);
}

function turn(requests: readonly Buffer[]): Requests {
  return (n) => requests[n % requests.length] ?? Buffer.alloc(0);
}
