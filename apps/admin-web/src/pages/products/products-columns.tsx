import { Link } from "@tanstack/react-router";
import { formatPriceRange } from "../../format.ts";
import { useShop } from "../../shell/shop.tsx";
import type { Column } from "../../table/data-table.tsx";
import { Ago } from "../../ui/data.tsx";
import { Thumbnail } from "../../ui/thumbnail.tsx";
import type { ProductRow } from "./products-search.ts";
import { StatusBadge } from "./status-badge.tsx";

export const productsColumns: readonly Column<ProductRow>[] = [
  {
    id: "title",
    header: "Product",
    isFixed: true,
    cell: (product) => (
      <div className="flex min-w-0 items-center gap-3">
        <Thumbnail url={product.imageUrl} />
        <div className="min-w-0">
          <Link
            to="/products/$productId"
            params={{ productId: product.id }}
            state={{ cameFromList: true }}
            className="line-clamp-2 font-medium [overflow-wrap:anywhere] text-accent hover:underline"
          >
            {product.title}
          </Link>
          <span className="line-clamp-1 text-[13px] [overflow-wrap:anywhere] text-ink-faint">{product.brand}</span>
          <span className="block text-[13px] text-ink-soft tabular-nums md:hidden">
            <Price product={product} />
          </span>
        </div>
      </div>
    ),
  },
  { id: "status", header: "Status", cell: (product) => <StatusBadge status={product.status} /> },
  {
    id: "skus",
    header: "SKUs",
    from: "lg",
    cell: ({ skus }) => (
      <span className="block max-w-56 truncate font-mono text-[12px] text-ink-soft" title={skus.join(", ")}>
        {skus.join(", ")}
      </span>
    ),
  },
  { id: "price", header: "Price", isNumber: true, from: "md", cell: (product) => <Price product={product} /> },
  { id: "updated", header: "Changed", from: "md", cell: (product) => <Ago at={product.updatedAt} /> },
];

/** In the shop's currency; a product that is not sold in it says so. */
function Price({ product }: { readonly product: ProductRow }) {
  const { defaultCurrency } = useShop();
  const range = product.prices.find(({ currency }) => currency === defaultCurrency);
  if (range) return <span className="whitespace-nowrap">{formatPriceRange(range)}</span>;
  return <span className="text-ink-faint">none in {defaultCurrency}</span>;
}
