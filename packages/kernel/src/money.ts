import { z } from "zod";
import { type Currency, chargeStep, currencyDigits, currencySchema } from "./currency.ts";
import { problem } from "./problems.ts";

/** The largest amount accepted anywhere, in minor units: far below 2^53, so that sums of a full cart stay exact. */
export const AMOUNT_MAX = 1_000_000_000_000;

/** An integer of minor units with its currency: `{ amount: 5200, currency: "USD" }` is $52.00. */
export interface Money {
  readonly amount: number;
  readonly currency: Currency;
}

export const moneySchema = z
  .strictObject({
    amount: z.int().min(-AMOUNT_MAX).max(AMOUNT_MAX).meta({ description: "Integer of minor units" }),
    currency: currencySchema,
  })
  .meta({ id: "Money" });

/** @throws RangeError when the amount is not an integer or passes ±AMOUNT_MAX. */
export function money(amount: number, currency: Currency): Money {
  if (!Number.isSafeInteger(amount) || Math.abs(amount) > AMOUNT_MAX) {
    throw new RangeError(`${amount} is not an amount of minor units`);
  }
  return { amount: amount === 0 ? 0 : amount, currency };
}

export function zero(currency: Currency): Money {
  return { amount: 0, currency };
}

/** @throws RangeError on mixed currencies. */
export function addMoney(left: Money, right: Money): Money {
  assertSameCurrency(left, right);
  return money(left.amount + right.amount, left.currency);
}

/** @throws RangeError on mixed currencies. */
export function subtractMoney(left: Money, right: Money): Money {
  assertSameCurrency(left, right);
  return money(left.amount - right.amount, left.currency);
}

/** @throws RangeError when the quantity is not a whole number. */
export function multiplyMoney(unit: Money, quantity: number): Money {
  if (!Number.isSafeInteger(quantity)) throw new RangeError(`${quantity} is not a quantity`);
  return money(unit.amount * quantity, unit.currency);
}

/** The sum; the currency is needed for an empty list. @throws RangeError on mixed currencies. */
export function sumMoney(amounts: readonly Money[], currency: Currency): Money {
  return amounts.reduce(addMoney, zero(currency));
}

/**
 * A share of an amount, in basis points (1900 = 19 %), rounded half away from zero at the smallest amount that can be charged: see
 * `chargeStep`. This is the platform's one rounding rule.
 */
export function shareOf(whole: Money, basisPoints: number): Money {
  const step = chargeStep(whole.currency);
  return money(roundedRatio(whole.amount, basisPoints, 10_000 * step) * step, whole.currency);
}

/** The same rounding, of an amount from outside: a carrier's, a tax provider's. */
export function roundToCharge(amount: Money): Money {
  return shareOf(amount, 10_000);
}

/** Why an amount cannot be charged or given back as it is, and which one can in its place; or null: see `chargeStep`. */
export function refusesCharge(amount: Money): string | null {
  const { currency } = amount;
  const step = chargeStep(currency);
  if (amount.amount % step === 0) return null;
  const rule =
    step === 10 ? `the last digit of an amount in ${currency} must be 0` : `only whole amounts in ${currency}`;
  return `${rule}: ${toDecimal(roundToCharge(amount))}, not ${toDecimal(amount)}`;
}

/** For amounts that people name of something that has its currency. @throws problem `currency_mismatch` for one in another. */
export function assertCurrency({ currency }: Money, expected: Currency): void {
  if (currency !== expected) throw problem("currency_mismatch", { detail: `This is in ${expected}.` });
}

/** For amounts that people name. @throws problem `validation_failed` for one that cannot be charged. */
export function assertChargeable(amount: Money, path: string): void {
  const message = refusesCharge(amount);
  if (message !== null) throw problem("validation_failed", { detail: message, errors: [{ path, message }] });
}

/**
 * The part of a gross amount that is tax when the rate is included in it: gross × rate / (100 % + rate), rounded half away from zero.
 */
export function includedShareOf(gross: Money, basisPoints: number): Money {
  return money(roundedRatio(gross.amount, basisPoints, 10_000 + basisPoints), gross.currency);
}

function roundedRatio(amount: number, numerator: number, denominator: number): number {
  const product = BigInt(Math.abs(amount)) * BigInt(numerator);
  const divisor = BigInt(denominator);
  const rounded = Number((product * 2n + divisor) / (divisor * 2n));
  return amount < 0 ? -rounded : rounded;
}

/**
 * Splits an amount over weights without losing a minor unit (largest remainder; ties go to the earlier place).
 * All weights zero: everything goes to the first place. @throws RangeError for no weights, or a negative or fractional one.
 */
export function allocate(total: Money, weights: readonly number[]): Money[] {
  if (weights.length === 0) throw new RangeError("nothing to allocate to");
  if (weights.some((weight) => !Number.isSafeInteger(weight) || weight < 0)) throw new RangeError("bad weight");
  const sum = weights.reduce((left, right) => left + BigInt(right), 0n);
  const effective = sum === 0n ? weights.map((_, index) => (index === 0 ? 1n : 0n)) : weights.map((w) => BigInt(w));
  const divisor = sum === 0n ? 1n : sum;
  const amount = BigInt(Math.abs(total.amount));
  const shares = effective.map((weight) => (amount * weight) / divisor);
  const remainders = effective.map((weight, index) => ({ index, remainder: (amount * weight) % divisor }));
  const missing = Number(amount - shares.reduce((left, right) => left + right, 0n));
  remainders.sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  const extra = new Set(remainders.slice(0, missing).map((entry) => entry.index));
  const sign = total.amount < 0 ? -1 : 1;
  return shares.map((share, index) => money(sign * (Number(share) + (extra.has(index) ? 1 : 0)), total.currency));
}

/** As `allocate`, in amounts that can be charged and given back one by one. What the whole has beyond such an amount is the first one's. */
export function allocateCharge(total: Money, weights: readonly number[]): Money[] {
  const { amount, currency } = total;
  const step = chargeStep(currency);
  const rest = amount % step;
  const shares = allocate(money((amount - rest) / step, currency), weights);
  return shares.map((share, place) => money(share.amount * step + (place === 0 ? rest : 0), currency));
}

/**
 * As `allocateCharge`, of what several things cost or were paid: none gives more than it has. Amounts of before they had to be ones that
 * can be charged may be less than the least of these; then the parts are exact to the minor unit instead.
 */
export function allocateWithin(total: Money, amounts: readonly number[]): Money[] {
  const charged = allocateCharge(total, amounts);
  const isWithin = charged.every((share, place) => share.amount <= (amounts[place] ?? 0));
  return isWithin ? charged : allocate(total, amounts);
}

/** The decimal text a provider such as PayPal wants: 5990 USD → "59.90", 5990 JPY → "5990". */
export function toDecimal(value: Money): string {
  const digits = currencyDigits[value.currency];
  const text = String(Math.abs(value.amount)).padStart(digits + 1, "0");
  const sign = value.amount < 0 ? "-" : "";
  if (digits === 0) return sign + text;
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Reads a decimal text exactly. @throws RangeError when it is malformed or has more digits than the currency. */
export function fromDecimal(text: string, currency: Currency): Money {
  const digits = currencyDigits[currency];
  const match = /^(-?)(\d{1,15})(?:\.(\d{1,6}))?$/.exec(text.trim());
  const fraction = (match?.[3] ?? "").replace(/0+$/, "");
  if (!match || fraction.length > digits) throw new RangeError(`${text} is not an amount in ${currency}`);
  const amount = Number(`${match[2]}${fraction.padEnd(digits, "0")}`);
  return money(match[1] === "-" ? -amount : amount, currency);
}

function assertSameCurrency(left: Money, right: Money): void {
  if (left.currency !== right.currency) throw new RangeError(`cannot mix ${left.currency} and ${right.currency}`);
}
