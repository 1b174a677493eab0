import { Link } from "@tanstack/react-router";
import { formatNumber } from "../../format.ts";
import type { Column } from "../../table/data-table.tsx";
import { Badge } from "../../ui/badge.tsx";
import { figuresOf, type StockRow, type StockSearch } from "./stock-search.ts";

/** The columns for an address: figures of one place when the list is filtered by it. */
export function stockColumns(search: StockSearch, lowStockThreshold: number): readonly Column<StockRow>[] {
  const figures = (row: StockRow) => figuresOf(row, search.location);
  return [
    {
      id: "sku",
      header: "SKU",
      isFixed: true,
      cell: ({ sku }) => (
        <Link
          to="/stock"
          search={{ ...search, sku }}
          className="font-mono text-[13px] font-medium [overflow-wrap:anywhere] text-accent hover:underline"
        >
          {sku}
        </Link>
      ),
    },
    { id: "location", header: "Location", from: "md", cell: (row) => <Places row={row} /> },
    {
      id: "onHand",
      header: "On hand",
      isNumber: true,
      from: "md",
      cell: (row) => formatNumber(figures(row).onHand),
    },
    {
      id: "reserved",
      header: "Reserved",
      isNumber: true,
      from: "md",
      cell: (row) => formatNumber(figures(row).reserved),
    },
    {
      id: "allocated",
      header: "Allocated",
      isNumber: true,
      from: "md",
      cell: (row) => formatNumber(figures(row).allocated),
    },
    {
      id: "available",
      header: "Available",
      isNumber: true,
      cell: (row) => (
        <Available row={row} available={figures(row).available} onHand={figures(row).onHand} low={lowStockThreshold} />
      ),
    },
  ];
}

function Places({ row: { levels } }: { readonly row: StockRow }) {
  if (levels.length === 0) return <span className="text-ink-faint">none</span>;
  return (
    <span className="text-ink-soft">
      {levels.map(({ code, onHand }) => (levels.length === 1 ? code : `${code} ${formatNumber(onHand)}`)).join(" · ")}
    </span>
  );
}

interface AvailableProps {
  readonly row: StockRow;
  readonly available: number;
  readonly onHand: number;
  readonly low: number;
}

function Available({ row, available, onHand, low }: AvailableProps) {
  if (!row.tracked) return <Badge>not counted</Badge>;
  const isLow = available <= (row.alertThreshold ?? low);
  return (
    <span className="inline-flex flex-wrap items-center justify-end gap-2">
      {row.allowBackorder ? <Badge tone="info">backorder</Badge> : null}
      {available === 0 ? <Badge tone="bad">none</Badge> : isLow ? <Badge tone="warn">low</Badge> : null}
      <span className="font-medium">{formatNumber(available)}</span>
      <span className="w-full text-[12px] whitespace-nowrap text-ink-faint md:hidden">
        {formatNumber(onHand)} on hand
      </span>
    </span>
  );
}
