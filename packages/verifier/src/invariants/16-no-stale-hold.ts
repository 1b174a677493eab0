import { BREACHES_MAX, type Invariant, minutesBefore } from "../invariant.ts";

export const noStaleHold: Invariant = {
  number: 16,
  title: "no reservation is held a minute past its expiry",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql }, now }) {
    const stale = await sql<{ holder: string; expires: Date }[]>`
      select holder, expires_at as expires from inventory.reservation
      where status = 'held' and expires_at < ${minutesBefore(now, 1)} limit ${BREACHES_MAX}`;
    return stale.map(({ holder, expires }) => `the hold of ${holder} lapsed at ${expires.toISOString()}`);
  },
};
