import { Link } from "@tanstack/react-router";
import { ListPlus, Pencil } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useFields } from "../../fields/use-fields.ts";
import { counted, formatMoney, inWords } from "../../format.ts";
import { useMe, useRefusal } from "../../shell/me.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CopyId } from "../../ui/data.tsx";
import { Skeleton } from "../../ui/states.tsx";
import { PricesDrawer } from "./prices-drawer.tsx";
import type { Product, Variant } from "./product.ts";
import { VariantFieldsDrawer } from "./product-fields.tsx";
import { useStockOf } from "./use-stock-of.ts";

/** Further variants are shown on demand. */
const SHOWN_AT_FIRST = 25;

/** What can be bought: each variant with its options, its prices and how many there are. */
export function Variants({ product }: { readonly product: Product }) {
  const [isWhole, setWhole] = useState(false);
  const [editing, setEditing] = useState<string | null>(null);
  const [described, setDescribed] = useState<string | null>(null);
  const shown = isWhole ? product.variants : product.variants.slice(0, SHOWN_AT_FIRST);
  const seesStock = useMe().rights.includes("inventory:read");
  const stock = useStockOf(seesStock ? shown.map((variant) => variant.sku) : []);
  return (
    <Card
      title="Variants"
      aside={<span className="text-[13px] text-ink-faint">{product.variants.length}</span>}
      isFlush
    >
      <table aria-label="Variants" className="w-full">
        <Head seesStock={seesStock} />
        <tbody>
          {shown.map((variant) => (
            <VariantRow key={variant.sku} variant={variant} stock={seesStock ? stock.get(variant.sku) : "unseen"}>
              <VariantActions sku={variant.sku} onFields={setDescribed} onPrices={setEditing} />
            </VariantRow>
          ))}
        </tbody>
      </table>
      {shown.length < product.variants.length ? (
        <div className="border-t border-line px-4 py-2 text-center">
          <Button size="sm" variant="ghost" onClick={() => setWhole(true)}>
            Show {counted(product.variants.length - shown.length, "more variant")}
          </Button>
        </div>
      ) : null}
      <VariantFieldsDrawer product={product} sku={described} onClose={() => setDescribed(null)} />
      <PricesDrawer product={product} sku={editing} onClose={() => setEditing(null)} />
    </Card>
  );
}

function Head({ seesStock }: { readonly seesStock: boolean }) {
  return (
    <thead>
      <tr className="border-b border-line text-left text-[12px] text-ink-soft">
        <th scope="col" className="px-4 py-1.5 font-medium">
          Variant
        </th>
        <th scope="col" className="hidden px-3 py-1.5 text-right font-medium sm:table-cell">
          Prices
        </th>
        {seesStock ? (
          <th scope="col" className="px-3 py-1.5 text-right font-medium">
            Available
          </th>
        ) : null}
        <th scope="col" className="w-12 pr-3">
          <span className="sr-only">Actions</span>
        </th>
      </tr>
    </thead>
  );
}

interface VariantRowProps {
  readonly variant: Variant;
  readonly stock: AvailableProps["stock"] | "unseen";
  /** What can be done with it. */
  readonly children: ReactNode;
}

function VariantRow({ variant, stock, children }: VariantRowProps) {
  return (
    <tr className="border-b border-line/70 align-top last:border-0">
      <td className="w-full px-4 py-2 sm:w-auto">
        <VariantName variant={variant} />
        <div className="flex sm:hidden">
          <Prices variant={variant} />
        </div>
      </td>
      <td className="hidden px-3 py-2 sm:table-cell">
        <div className="flex justify-end text-right">
          <Prices variant={variant} />
        </div>
      </td>
      {stock === "unseen" ? null : (
        <td className="px-3 py-2 text-right tabular-nums">
          <Available variant={variant} stock={stock} />
        </td>
      )}
      <td className="py-1.5 pr-3 text-right whitespace-nowrap">{children}</td>
    </tr>
  );
}

interface VariantActionsProps {
  readonly sku: string;
  readonly onFields: (sku: string) => void;
  readonly onPrices: (sku: string) => void;
}

function VariantActions({ sku, onFields, onPrices }: VariantActionsProps) {
  const hasFields = useFields("variant").length > 0;
  const missingRight = useRefusal("catalog:write");
  return (
    <>
      {hasFields ? (
        <Button variant="ghost" size="icon" aria-label={`Custom fields of ${sku}`} onClick={() => onFields(sku)}>
          <ListPlus aria-hidden="true" className="size-4" />
        </Button>
      ) : null}
      <Button
        variant="ghost"
        size="icon"
        aria-label={`Edit prices of ${sku}`}
        disabledReason={missingRight}
        onClick={() => onPrices(sku)}
      >
        <Pencil aria-hidden="true" className="size-4" />
      </Button>
    </>
  );
}

function VariantName({ variant }: { readonly variant: Variant }) {
  const options = Object.values(variant.options).join(" · ");
  return (
    <>
      {options ? <span className="block font-medium">{options}</span> : null}
      <CopyId id={variant.sku} />
      {variant.barcode ? <span className="block text-[12px] text-ink-faint">{variant.barcode}</span> : null}
    </>
  );
}

function Prices({ variant: { prices } }: { readonly variant: Variant }) {
  if (prices.length === 0) return <span className="text-warn">No price</span>;
  return (
    <ul className="flex flex-wrap gap-x-4 sm:justify-end">
      {prices.map((price) => {
        const { currency, amount, compareAt, minQuantity, customerGroup } = price;
        const terms = [minQuantity ? `from ${minQuantity}` : null, customerGroup ? inWords(customerGroup) : null];
        const isTimed = price.startsAt !== undefined || price.endsAt !== undefined;
        return (
          <li key={JSON.stringify(price)} className="whitespace-nowrap tabular-nums">
            {compareAt === undefined ? null : (
              <s className="mr-1.5 text-[13px] text-ink-faint">{formatMoney({ amount: compareAt, currency })}</s>
            )}
            {formatMoney({ amount, currency })}
            <span className="ml-1 text-[12px] text-ink-faint empty:hidden">
              {[...terms, isTimed ? "for a time" : null].filter(Boolean).join(", ")}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

interface AvailableProps {
  readonly variant: Variant;
  /** Undefined while it is asked for; null when the SKU has never had stock. */
  readonly stock: { readonly available: number; readonly onHand: number } | null | "unknown" | undefined;
}

function Available({ variant, stock }: AvailableProps) {
  if (!variant.trackInventory) return <span className="text-ink-faint">not counted</span>;
  if (stock === undefined) return <Skeleton className="ml-auto h-4 w-10" />;
  if (stock === "unknown") {
    return (
      <span title="Core did not say" className="text-ink-faint">
        –<span className="sr-only">not known</span>
      </span>
    );
  }
  const available = stock?.available ?? 0;
  return (
    <Link
      to="/stock"
      search={{ sku: variant.sku }}
      title={stock ? `${stock.onHand} on hand` : "Never had stock"}
      className={available === 0 ? "text-bad hover:underline" : "text-accent hover:underline"}
    >
      {available}
      {variant.allowBackorder ? <span className="block text-[12px] text-ink-faint">backorder</span> : null}
    </Link>
  );
}
