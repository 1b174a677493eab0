import { type Currency, fromUuid, type Id, type IdPrefix, type Instant, toUuid } from "@stoa/kernel";
import { bigint, char, customType } from "drizzle-orm/pg-core";

/** A prefixed id outside, a Postgres `uuid` inside. */
export function idColumn<P extends IdPrefix>(name: string, prefix: P) {
  return customType<{ data: Id<P>; driverData: string }>({
    dataType: () => "uuid",
    toDriver: toUuid,
    fromDriver: (uuid) => fromUuid(prefix, uuid),
  })(name);
}

/** A point in time as milliseconds in code, `timestamptz` in Postgres. */
export function instantColumn(name: string) {
  return customType<{ data: Instant; driverData: string }>({
    dataType: () => "timestamptz",
    toDriver: (instant) => new Date(instant).toISOString(),
    fromDriver: parseInstant,
  })(name);
}

/** Postgres prints `2026-11-23 18:03:00.123456+00`; RFC 3339 wants a T and minutes in the offset. */
export function parseInstant(text: string): Instant {
  const parsed = Date.parse(text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"));
  if (Number.isNaN(parsed)) throw new RangeError(`${text} is not a time`);
  return parsed as Instant;
}

/** Minor units as `bigint`. AMOUNT_MAX keeps every value exact in a JavaScript number. */
export function amountColumn(name: string) {
  return bigint(name, { mode: "number" });
}

/** An ISO 4217 code. */
export function currencyColumn(name = "currency") {
  return char(name, { length: 3 }).$type<Currency>();
}
