import { type Currency, fromDecimal, isCurrency, toDecimal } from "@stoa/kernel";

export type ParsedAmount =
  | { readonly kind: "amount"; readonly amount: number }
  | { readonly kind: "empty" }
  | { readonly kind: "wrong"; readonly reason: string };

/** What somebody typed as an amount: "12", "12.5", "12,50". Exact; never rounds. */
export function parseAmount(text: string, currency: string): ParsedAmount {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "empty" };
  if (!isCurrency(currency)) return { kind: "wrong", reason: `${currency} is not a currency of this shop` };
  try {
    const { amount } = fromDecimal(trimmed.replace(",", "."), currency);
    return amount < 0 ? { kind: "wrong", reason: "Must not be below 0" } : { kind: "amount", amount };
  } catch {
    return { kind: "wrong", reason: `Not an amount in ${currency}` };
  }
}

/** 5200 USD → "52.00", as it stands in a field. */
export function amountText(amount: number, currency: Currency): string {
  return toDecimal({ amount, currency });
}
