import { BREACHES_MAX, type Invariant, since } from "../invariant.ts";

const LIVE_MINUTES = 15;

export const messagesArrive: Invariant = {
  number: 18,
  title: "every outbox row is delivered, or dead-lettered and shown",
  needs: ["postgres"],
  isLive: true,
  async breaches(examination) {
    const { sql } = examination.stores;
    const waiting = await sql<{ type: string; key: string }[]>`
      select type, key from platform.outbox
      where sent_at is null and available_at < ${since(examination, LIVE_MINUTES)} limit ${BREACHES_MAX}`;
    const vanished = await sql<{ type: string; key: string }[]>`
      select o.type, o.key from platform.outbox o
      where o.sent_at is not null and o.last_error is not null and o.attempts >= 20
        and not exists (select from platform.dead_letter d where d.id = o.id) limit ${BREACHES_MAX}`;
    return [
      ...waiting.map(({ type, key }) => `${type} of ${key} has not left`),
      ...vanished.map(({ type, key }) => `${type} of ${key} was given up and is shown nowhere`),
    ];
  },
};
