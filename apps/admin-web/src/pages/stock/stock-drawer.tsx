import { useQuery } from "@tanstack/react-query";
import { PackageX } from "lucide-react";
import { formatNumber } from "../../format.ts";
import { useTRPC } from "../../trpc.ts";
import { CopyId } from "../../ui/data.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { AdjustForm } from "./adjust-form.tsx";
import { Movements } from "./movements.tsx";
import { SkuTitle } from "./sku-title.tsx";
import { availableAt, type LocationNames, namesOf, type StockRow } from "./stock-search.ts";
import { useSkuNames } from "./use-sku-names.ts";

/** The list finds SKUs by their beginning; the SKU itself is among the first. */
const NEAR_MAX = 5;

/** One SKU: where its units lie, a form to correct that, and everything that ever moved. */
export default function StockDrawer({
  sku,
  onClose,
}: {
  readonly sku: string | undefined;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      kind="drawer"
      isOpen={sku !== undefined}
      onClose={onClose}
      title="Stock"
      description={sku === undefined ? null : <What sku={sku} />}
    >
      {sku === undefined ? null : <Sections key={sku} sku={sku} />}
    </Dialog>
  );
}

function What({ sku }: { readonly sku: string }) {
  return (
    <div className="grid justify-items-start gap-0.5">
      <SkuTitle sku={sku} names={useSkuNames([sku])} />
      <CopyId id={sku} />
    </div>
  );
}

function Sections({ sku }: { readonly sku: string }) {
  const trpc = useTRPC();
  const stock = useQuery(trpc.inventory.list.queryOptions({ search: sku, limit: NEAR_MAX }));
  const locations = useQuery(trpc.inventory.locations.queryOptions());
  const error = (stock.data ? null : stock.error) ?? (locations.data ? null : locations.error);
  if (error) {
    const retry = () => Promise.all([stock.refetch(), locations.refetch()]);
    return <ErrorState error={error} onRetry={retry} />;
  }
  if (!stock.data || !locations.data) return <Skeleton className="h-64" />;
  const row = stock.data.items.find((candidate) => candidate.sku === sku);
  if (!row) {
    return (
      <EmptyState icon={PackageX} title="Never had stock">
        No units of this SKU have been counted or received.
      </EmptyState>
    );
  }
  return (
    <div className="grid gap-6">
      <Levels row={row} names={namesOf(locations.data.items)} />
      <AdjustForm row={row} locations={locations.data.items} />
      <Movements sku={sku} locations={locations.data.items} />
    </div>
  );
}

function Levels({ row, names }: { readonly row: StockRow; readonly names: LocationNames }) {
  const figures = ["On hand", "Reserved", "Allocated", "Available"] as const;
  return (
    <table aria-label="Units by location" className="w-full">
      <thead>
        <tr className="border-b border-line text-right text-[12px] text-ink-soft">
          <th scope="col" className="py-1.5 text-left font-medium">
            Location
          </th>
          {figures.map((name) => (
            <th key={name} scope="col" className="py-1.5 pl-2 font-medium">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {row.levels.map((level) => (
          <tr key={level.locationId} className="border-b border-line/70 text-right">
            <th scope="row" className="py-1.5 text-left font-normal">
              {names.get(level.locationId) ?? level.code}
              {level.buffer > 0 ? (
                <span className="block text-[12px] text-ink-faint">{level.buffer} kept back</span>
              ) : null}
            </th>
            {[level.onHand, level.reserved, level.allocated, availableAt(level)].map((value, index) => (
              <td key={figures[index]} className="py-1.5 pl-2">
                {formatNumber(value)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
