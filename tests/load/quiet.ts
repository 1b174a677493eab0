import type postgres from "postgres";

/** The account whose events the shop is sent. */
export interface StripeAccount {
  readonly url: string;
  readonly secretKey: string;
}

const QUIET_ROUNDS = 3;
const QUIET_POLL_MS = 200;
const QUIET_MS_MAX = 120_000;

/** Resolves when nothing is left to do: neither in the shop nor on the way to it. */
export async function untilQuiet(sql: postgres.Sql, stripe: StripeAccount): Promise<void> {
  const deadline = performance.now() + QUIET_MS_MAX;
  for (let rounds = 0; rounds < QUIET_ROUNDS; ) {
    if (performance.now() > deadline) throw new Error("the shop does not come to rest");
    await Bun.sleep(QUIET_POLL_MS);
    // The provider first: what it has delivered by then is in the shop's books, which are read behind it.
    const isQuiet = !(await owesWebhooks(stripe)) && (await countWaiting(sql)) === 0;
    rounds = isQuiet ? rounds + 1 : 0;
  }
}

/** Whether an event is still to be delivered. */
export async function owesWebhooks({ url, secretKey }: StripeAccount): Promise<boolean> {
  const answer = await fetch(`${url}/v1/events?delivery_success=false&limit=1`, {
    headers: { authorization: `Bearer ${secretKey}` },
  });
  if (!answer.ok) throw new Error(`Stripe answered ${answer.status} when asked for its events`);
  const { data } = (await answer.json()) as { readonly data: readonly unknown[] };
  return data.length > 0;
}

async function countWaiting(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`select
    (select count(*) from platform.saga where state in ('running', 'waiting', 'unwinding')) +
    (select count(*) from platform.outbox where sent_at is null) +
    (select count(*) from notifications.email where state in ('queued', 'failed')) +
    (select count(*) from payments.provider_event where applied_at is null) as waiting`;
  return Number(row?.waiting);
}
