import { readBooks } from "../books.ts";
import { BREACHES_MAX, type Invariant } from "../invariant.ts";

export const oneChargePerStep: Invariant = {
  number: 11,
  title: "one provider charge per saga and step",
  needs: ["postgres"],
  isLive: false,
  async breaches({ stores }) {
    const { sql } = stores;
    const keys = await sql<{ key: string }[]>`
      select key from payments.payment group by key having count(*) > 1 limit ${BREACHES_MAX}`;
    const entries = (await readBooks(stores)).filter((entry) => entry.held + entry.captured > 0);
    const many = entries.filter((entry) => entry.provider === "stripe" && entry.charges > 1);
    const named = entries.filter((entry) => entry.paymentId !== null);
    const twice = [...Map.groupBy(named, (entry) => entry.paymentId)].filter(([, of]) => of.length > 1);
    return [
      ...keys.map(({ key }) => `the key ${key} has more than one payment`),
      ...many.map((entry) => `${entry.reference} was charged ${entry.charges} times`),
      ...twice.map(([id, of]) => `${id} was charged on ${of.map((entry) => entry.reference).join(" and ")}`),
    ].slice(0, BREACHES_MAX);
  },
};
