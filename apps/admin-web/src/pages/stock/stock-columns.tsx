import { Link } from "@tanstack/react-router";
import { formatNumber } from "../../format.ts";
import type { Column } from "../../table/data-table.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Thumbnail } from "../../ui/thumbnail.tsx";
import { SkuTitle } from "./sku-title.tsx";
import { figuresOf, type LocationNames, type StockRow, type StockSearch } from "./stock-search.ts";
import type { SkuNames } from "./use-sku-names.ts";

export interface StockColumns {
  readonly search: StockSearch;
  readonly lowStockThreshold: number;
  /** Of locations, by their ids; empty until they are known. */
  readonly names: LocationNames;
  readonly skuNames: SkuNames;
}

/** The columns for an address: figures of one place when the list is filtered by it. */
export function stockColumns({
  search,
  lowStockThreshold,
  names,
  skuNames,
}: StockColumns): readonly Column<StockRow>[] {
  const figures = (row: StockRow) => figuresOf(row, search.location);
  return [
    {
      id: "sku",
      header: "SKU",
      isFixed: true,
      cell: (row) => <SkuCell row={row} search={search} names={names} skuNames={skuNames} />,
    },
    { id: "location", header: "Location", from: "md", cell: (row) => <Places row={row} names={names} /> },
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

type SkuCellProps = Omit<StockColumns, "lowStockThreshold"> & { readonly row: StockRow };

function SkuCell({ row, search, names, skuNames }: SkuCellProps) {
  return (
    <div className="flex items-center gap-3">
      {skuNames?.size === 0 ? null : <Thumbnail url={skuNames?.get(row.sku)?.imageUrl ?? null} />}
      <div className="grid min-w-0 gap-0.5">
        <SkuTitle sku={row.sku} names={skuNames} />
        <Link
          to="/stock"
          search={{ ...search, sku: row.sku }}
          resetScroll={false}
          className="w-fit font-mono text-[12px] [overflow-wrap:anywhere] text-accent hover:underline"
        >
          {row.sku}
        </Link>
        <span className="text-[12px] md:hidden">
          <Places row={row} names={names} />
        </span>
      </div>
    </div>
  );
}

function Places({ row: { levels }, names }: { readonly row: StockRow; readonly names: LocationNames }) {
  if (levels.length === 0) return <span className="text-ink-faint">none</span>;
  return (
    <span className="text-ink-soft">
      {levels.map((level, index) => (
        <span key={level.locationId}>
          {index > 0 ? " · " : null}
          <span className="whitespace-nowrap">
            {names.get(level.locationId) ?? level.code}
            {levels.length > 1 ? ` ${formatNumber(level.onHand)}` : null}
          </span>
        </span>
      ))}
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
