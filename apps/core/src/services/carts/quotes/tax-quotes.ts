import { type Currency, money, type ProductId, roundToCharge } from "@stoa/kernel";
import { z } from "zod";
import type { TaxLine } from "../tax.ts";
import type { HttpAsker } from "./http-asker.ts";
import type { Quotes } from "./quotes.ts";
import type { Destination } from "./shipping-rates.ts";

/** What a tax provider is asked: what is to be paid for each line and for shipping, and where it goes. */
export interface TaxQuestionOutside {
  readonly currency: Currency;
  readonly destination: Destination;
  readonly lines: readonly {
    readonly sku: string;
    readonly productId: ProductId | string;
    readonly taxClass: string;
    readonly quantity: number;
    /** Minor units after discounts. */
    readonly amount: number;
  }[];
  /** Minor units after discounts. */
  readonly shipping: number;
  /** Whether the amounts hold the taxes; absent where the provider decides. */
  readonly pricesIncludeTax?: boolean;
}

export type TaxQuotes = Quotes<TaxQuestionOutside, readonly TaxLine[]>;

const LINES_MAX = 500;

const lineSchema = z.object({
  /** Place of the line, counted from 0; null for shipping. */
  position: z.int().min(0).nullable(),
  name: z.string().trim().min(1).max(100),
  basisPoints: z.int().min(0).max(10_000),
  included: z.boolean(),
  amount: z.int().min(0),
});
const answerSchema = z.object({ taxes: z.array(lineSchema).max(LINES_MAX) });

/**
 * `{ "taxes": [{ "position": 0, "name": "State tax", "basisPoints": 725, "included": false, "amount": 73 }] }`: several for one
 * line are added up, and all of one line are either included or not.
 * @throws when the answer is about something else, or takes more than there is.
 */
export function askTaxes(ask: HttpAsker) {
  return async (question: TaxQuestionOutside): Promise<readonly TaxLine[]> => {
    const { taxes } = answerSchema.parse(await ask(question));
    const quoted = taxes.map((tax): TaxLine => {
      const taxable = tax.position === null ? question.shipping : question.lines[tax.position]?.amount;
      if (taxable === undefined)
        throw new Error(`the tax provider names a line ${tax.position} that was not asked for`);
      const { currency } = question;
      return { ...tax, taxable: money(taxable, currency), amount: money(tax.amount, currency) };
    });
    for (const lines of Map.groupBy(quoted, (line) => line.position).values()) refuseImpossible(lines);
    // What is added to a price is charged with it; what the price holds is only told.
    return quoted.map((tax) => (tax.included ? tax : { ...tax, amount: roundToCharge(tax.amount) }));
  };
}

function refuseImpossible(lines: readonly TaxLine[]): void {
  const sum = lines.reduce((total, line) => total + line.amount.amount, 0);
  const [first] = lines;
  if (first && sum > first.taxable.amount) throw new Error("the tax provider taxes more than there is to pay");
  if (lines.some((line) => line.included !== first?.included)) {
    throw new Error("the tax provider both adds and includes tax on one line");
  }
}
