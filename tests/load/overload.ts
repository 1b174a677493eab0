import { startBare } from "./bare.ts";
import { measure } from "./side-by-side.ts";

// A process of its own, so that as many connections as are wanted can be open: `overload.ts <edge url> <seconds>`, started by run.ts.

const [edgeUrl = "", secondsText = "5"] = process.argv.slice(2);
const seconds = Number(secondsText);

/** A shopper has gone by then, so a later answer is worth nothing. */
const PATIENCE_MS = 1_000;
const TIMES = 10;
const ROUNDS = 3;
const TICK_MS = 5;
/** No machine has room for more; whoever comes beyond is counted as lost. */
const OPEN_MAX = 8_000;

interface Tally {
  good: number;
  /** Turned away with 503 and told when to come back. */
  shed: number;
  lost: number;
}

type Ask = (n: number) => Promise<Response>;

const { items } = (await (await fetch(`${edgeUrl}/v1/products?limit=50`)).json()) as { items: { slug: string }[] };
const page: Ask = (n) => fetch(`${edgeUrl}/v1/products/${items[n % items.length]?.slug}`);
const cart: Ask = (n) =>
  fetch(`${edgeUrl}/v1/carts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ items: [{ sku: `LOAD-${n % 50}`, quantity: 1 }] }),
  });

await crowded("product pages", page);
await flooded("carts", cart);

/** As many connections as are wanted for the most there is, and then ten times as many. */
async function crowded(name: string, ask: Ask): Promise<void> {
  const best = await peak(name, ask, [16, 32, 64]);
  const tally: Tally = { good: 0, shed: 0, lost: 0 };
  await measure((n) => count(ask, n, tally), { inFlight: best.inFlight * TIMES, seconds });
  report(`${name}, ${TIMES} times the connections`, tally, best.perSecond);
}

/**
 * As many a second as can be had, and then ten times as many, whether or not the earlier ones have been answered. Whoever asks lives on
 * the same machine and takes more of it to ask than edge does to refuse. So the yardstick is what can be had while as large a crowd is
 * turned away by a bare server: what is lost against that is lost by the shop.
 */
async function flooded(name: string, ask: Ask): Promise<void> {
  const best = await peak(name, ask, [8, 8, 16, 32]);
  await using door = await startBare(new ArrayBuffer(0), 503);
  const refused: Ask = () => fetch(door.url, { method: "POST", body: "{}" });
  const shares: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const beside: Tally = { good: 0, shed: 0, lost: 0 };
    await Promise.all([
      flood(refused, best.perSecond * (TIMES - 1)),
      measure((n) => count(ask, n, beside), { inFlight: best.inFlight, seconds }),
    ]);
    report(`${name}, the crowd elsewhere`, beside, best.perSecond);
    const tally = await flood(ask, best.perSecond * TIMES);
    report(`${name}, ${TIMES} times the rate`, tally, best.perSecond);
    shares.push((100 * tally.good) / beside.good);
  }
  const shown = shares.map((share) => `${share.toFixed(0)} %`).join(", ");
  console.log(`${name}: ${shown} of what could be had with the crowd elsewhere`);
}

/** Asks at a steady rate for as long as a measurement takes. */
async function flood(ask: Ask, perSecond: number): Promise<Tally> {
  const tally: Tally = { good: 0, shed: 0, lost: 0 };
  const open = new Set<Promise<void>>();
  const startedAt = performance.now();
  let sent = 0;
  while (performance.now() - startedAt < seconds * 1_000) {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond);
    for (; sent < due; sent += 1) {
      if (open.size >= OPEN_MAX) {
        tally.lost += 1;
        continue;
      }
      const asked = count(ask, sent, tally).finally(() => open.delete(asked));
      open.add(asked);
    }
    await Bun.sleep(TICK_MS);
  }
  await Promise.all(open);
  return tally;
}

/** The most answers in time, and how many were asked for at once to get them. */
async function peak(name: string, ask: Ask, inFlights: readonly number[]) {
  let best = { inFlight: 0, perSecond: 0 };
  for (const inFlight of inFlights) {
    const tally: Tally = { good: 0, shed: 0, lost: 0 };
    await measure((n) => count(ask, n, tally), { inFlight, seconds });
    const perSecond = tally.good / seconds;
    if (perSecond > best.perSecond) best = { inFlight, perSecond };
  }
  console.log(`${`${name}, ${best.inFlight} at once`.padEnd(40)} ${best.perSecond.toFixed(0)}/s in time`);
  return best;
}

async function count(ask: Ask, n: number, tally: Tally): Promise<void> {
  const from = performance.now();
  try {
    const answer = await ask(n);
    await answer.arrayBuffer();
    if (answer.ok && performance.now() - from <= PATIENCE_MS) tally.good += 1;
    else if (answer.status === 503 && answer.headers.has("retry-after")) tally.shed += 1;
    else tally.lost += 1;
  } catch {
    tally.lost += 1;
  }
}

function report(name: string, { good, shed, lost }: Tally, best: number): void {
  const perSecond = good / seconds;
  const share = ((100 * perSecond) / best).toFixed(0);
  console.log(
    `${name.padEnd(40)} ${perSecond.toFixed(0)}/s in time: ${share} % of the most; ${shed} turned away, ${lost} lost`,
  );
}
