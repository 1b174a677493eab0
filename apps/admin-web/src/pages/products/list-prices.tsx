import { counted, formatMoney } from "../../format.ts";
import { conditionsOf, listPricesOf } from "./prices.ts";
import type { Product } from "./product.ts";

const SHOWN_MAX = 10;

interface ListPricesProps {
  readonly product: Pick<Product, "listPrices">;
  readonly sku: string;
}

/** What price lists say of a variant: whoever edits its own prices sees which of them shoppers may get instead. */
export function ListPrices({ product, sku }: ListPricesProps) {
  const prices = listPricesOf(product.listPrices, sku, Date.now());
  if (prices.length === 0) return null;
  return (
    <section aria-label="Prices of lists" className="grid gap-2 border-t border-line pt-3 text-[13px]">
      <p className="text-ink-soft">Prices of lists, which shoppers may get instead:</p>
      <ul className="grid gap-1">
        {prices.slice(0, SHOWN_MAX).map((price) => (
          <li
            key={`${price.list} ${price.minQuantity ?? 1}`}
            className="flex items-baseline justify-between gap-3 [overflow-wrap:anywhere]"
          >
            <span>{[price.name, ...conditionsOf(price)].join(", ")}</span>
            <span className="tabular-nums">{formatMoney(price)}</span>
          </li>
        ))}
      </ul>
      {prices.length > SHOWN_MAX ? (
        <p className="text-ink-faint">{counted(prices.length - SHOWN_MAX, "more price")}</p>
      ) : null}
    </section>
  );
}
