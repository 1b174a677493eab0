import { QstashRefusal } from "./errors.ts";

const FIELDS = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day", min: 1, max: 31 },
  { name: "month", min: 1, max: 12 },
  { name: "weekday", min: 0, max: 7 },
] as const;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Far enough for 29 February on a given weekday, near enough that an impossible date ends the search. */
const SEARCH_YEARS = 30;

/** A cron expression of five fields, read once. Times are UTC. */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  readonly anyDay: boolean;
  readonly anyWeekday: boolean;
}

/** Reads five fields with `*`, lists, ranges, steps and English names. A time zone other than UTC is refused with 400. */
export function parseCron(expression: string): Cron {
  const text = expression.trim().replace(/^CRON_TZ=(UTC|Etc\/UTC)\s+/, "");
  if (text.startsWith("CRON_TZ=")) throw new QstashRefusal(400, "the local queue keeps schedules in UTC only");
  const parts = text.split(/\s+/);
  const [minute, hour, day, month, weekday] = parts;
  if (parts.length !== 5 || !minute || !hour || !day || !month || !weekday) throw invalid(expression);
  const weekdays = readField(weekday.toLowerCase(), 4, expression);
  if (weekdays.has(7)) weekdays.add(0);
  return {
    minutes: readField(minute, 0, expression),
    hours: readField(hour, 1, expression),
    days: readField(day, 2, expression),
    months: readField(month.toLowerCase(), 3, expression),
    weekdays,
    anyDay: day.startsWith("*"),
    anyWeekday: weekday.startsWith("*"),
  };
}

/** The first minute after `afterMs` (milliseconds since 1970) that matches; a date that never comes is refused with 400. */
export function nextCronTime(cron: Cron, afterMs: number): number {
  let time = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const end = afterMs + SEARCH_YEARS * 366 * DAY_MS;
  while (time < end) {
    const date = new Date(time);
    if (!cron.months.has(date.getUTCMonth() + 1)) {
      time = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    } else if (!matchesDay(cron, date)) {
      time = Math.floor(time / DAY_MS) * DAY_MS + DAY_MS;
    } else if (!cron.hours.has(date.getUTCHours())) {
      time = Math.floor(time / HOUR_MS) * HOUR_MS + HOUR_MS;
    } else if (!cron.minutes.has(date.getUTCMinutes())) {
      time += MINUTE_MS;
    } else {
      return time;
    }
  }
  throw new QstashRefusal(400, "the cron expression never comes due");
}

/** As in every cron: when both day fields are restricted, either of them matching is enough. */
function matchesDay(cron: Cron, date: Date): boolean {
  const day = cron.days.has(date.getUTCDate());
  const weekday = cron.weekdays.has(date.getUTCDay());
  return cron.anyDay || cron.anyWeekday ? day && weekday : day || weekday;
}

function readField(text: string, index: 0 | 1 | 2 | 3 | 4, expression: string): Set<number> {
  const { min, max } = FIELDS[index];
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/.exec(part);
    if (match === null) throw invalid(expression);
    const [, from = "", to, step] = match;
    const first = from === "*" ? min : readNumber(from, index, expression);
    // "5/10" means from 5 to the end in steps; "5" alone means 5.
    const last = to !== undefined ? readNumber(to, index, expression) : from === "*" || step ? max : first;
    const stride = step === undefined ? 1 : Number(step);
    if (stride < 1 || first < min || last > max || first > last) throw invalid(expression);
    for (let value = first; value <= last; value += stride) values.add(value);
  }
  return values;
}

function readNumber(text: string, index: number, expression: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const named = index === 3 ? MONTHS.indexOf(text) + 1 : index === 4 ? WEEKDAYS.indexOf(text) : -1;
  if (named < 0 || (index === 3 && named === 0)) throw invalid(expression);
  return named;
}

function invalid(expression: string): QstashRefusal {
  return new QstashRefusal(400, `invalid cron expression: ${expression.slice(0, 100)}`);
}
