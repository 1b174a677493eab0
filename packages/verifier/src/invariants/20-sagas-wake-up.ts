import { BREACHES_MAX, type Invariant, minutesBefore } from "../invariant.ts";

/** A sweep comes every second; more than this late, nobody is coming. */
const LATE_MINUTES = 5;

export const sagasWakeUp: Invariant = {
  number: 20,
  title: "no saga runs without a future wake-up",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql }, now }) {
    const sagas = await sql<{ key: string; type: string; state: string; wake: Date | null }[]>`
      select key, type, state, wake_at as wake from platform.saga
      where state in ('running', 'waiting', 'unwinding')
        and (wake_at is null or wake_at < ${minutesBefore(now, LATE_MINUTES)}) limit ${BREACHES_MAX}`;
    return sagas.map(({ key, type, state, wake }) => {
      return `${type} of ${key} is ${state} and ${wake ? `should have been woken at ${wake.toISOString()}` : "nobody wakes it"}`;
    });
  },
};
