import type { Mutant } from "./mutant.ts";

const inventory = "apps/core/src/services/inventory";
const lifeTests = [`${inventory}/reservation-life.test.ts`, `${inventory}/reserve-stock.test.ts`];

/** Reservations, allocations and their counters. */
export const stockMutants: readonly Mutant[] = [
  {
    name: "lines-not-summed",
    what: "two lines of one SKU are checked apart from each other",
    file: `${inventory}/stock.ts`,
    from: "known ? { ...known, quantity: known.quantity + line.quantity } : line",
    to: "known ?? line",
    tests: lifeTests,
  },
  {
    name: "part-of-it",
    what: "an order that cannot be had whole keeps what there is",
    file: `${inventory}/reserve-stock.ts`,
    from: 'where not news."isNews" and not exists (select from refused)',
    to: 'where not news."isNews"',
    tests: lifeTests,
  },
  {
    name: "availability-unchecked",
    what: "units are sold that are not there",
    file: `${inventory}/reserve-stock.ts`,
    from: "having coalesce(max(k.total_free), 0) < w.quantity and not",
    to: "having coalesce(max(k.total_free), 0) < 0 and not",
    tests: lifeTests,
  },
  {
    name: "released-though-committed",
    what: "a release takes units away from a confirmed order",
    file: `${inventory}/release-reservation.ts`,
    from: '.where(and(matchesReservation(reference), eq(reservation.status, "held")))',
    to: ".where(and(matchesReservation(reference)))",
    tests: lifeTests,
  },
  {
    name: "expiry-keeps-units",
    what: "a hold that lapses never gives its units back",
    file: `${inventory}/expire-reservations.ts`,
    from: "await giveBackReserved(",
    to: "await (async (..._unused: unknown[]) => undefined)(",
    tests: lifeTests,
  },
  {
    name: "lapsed-hold-committed",
    what: "units that were given to somebody else are allocated once more",
    file: `${inventory}/commit-reservation.ts`,
    from: "where holder = ${value(\"holder\")} and status = 'held'",
    to: "where holder = ${value(\"holder\")} and status in ('held', 'expired')",
    tests: lifeTests,
  },
  {
    name: "committed-without-an-allocation",
    what: "a confirmed order's units belong to nobody",
    file: `${inventory}/commit-reservation.ts`,
    from: "sku, location_id, allocated, 'open', ${at}, ${at} from moved",
    to: "sku, location_id, allocated, 'open', ${at}, ${at} from moved where false",
    tests: lifeTests,
  },
  {
    name: "hold-never-extended",
    what: "units lapse while their shopper pays",
    file: `${inventory}/extend-reservation.ts`,
    from: "greatest(${reservation.expiresAt}, ${until})",
    to: "least(${reservation.expiresAt}, ${until})",
    tests: lifeTests,
  },
  {
    name: "level-not-moved",
    what: "a movement is recorded and its counter is not",
    file: `${inventory}/post-movements.ts`,
    from: "set on_hand = l.on_hand + d.on_hand, reserved = l.reserved + d.reserved,",
    to: "set on_hand = l.on_hand + d.on_hand, reserved = l.reserved,",
    tests: lifeTests,
  },
];
