import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Boxes } from "lucide-react";
import { lazy, Suspense, useMemo } from "react";
import { PageHeader, Total } from "../../shell/page-header.tsx";
import { useShop } from "../../shell/shop.tsx";
import { List } from "../../table/list.tsx";
import { FIRST_PAGE } from "../../table/paging.ts";
import { SearchBox } from "../../table/search-box.tsx";
import { Tabs } from "../../table/tabs.tsx";
import { useTRPC } from "../../trpc.ts";
import { Select } from "../../ui/select.tsx";
import { stockColumns } from "./stock-columns.tsx";
import { type Location, namesOf, type StockSearch, stockInput } from "./stock-search.ts";
import { useSkuNames } from "./use-sku-names.ts";

const route = getRouteApi("/shell/stock");
const EVERYWHERE = "everywhere";
const NONE: readonly never[] = [];

/** Forms and movements are loaded while the list is already there. */
const StockDrawer = lazy(() => import("./stock-drawer.tsx"));
const LocationFields = lazy(() => import("./location-fields.tsx"));

/** How many there are of everything, where they lie and to whom they are promised. */
export function StockPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const trpc = useTRPC();
  const { lowStockThreshold } = useShop();
  const query = useQuery({
    ...trpc.inventory.list.queryOptions(stockInput(search, lowStockThreshold)),
    placeholderData: keepPreviousData,
  });
  const locations = useQuery(trpc.inventory.locations.queryOptions()).data?.items ?? NONE;
  const skuNames = useSkuNames(query.data?.items.map(({ sku }) => sku) ?? NONE);
  const columns = useMemo(
    () => stockColumns({ search, lowStockThreshold, names: namesOf(locations), skuNames }),
    [search, lowStockThreshold, locations, skuNames],
  );
  const go = (change: Partial<StockSearch>) =>
    navigate({ to: "/stock", search: { ...search, ...FIRST_PAGE, ...change }, replace: "q" in change });
  const openSku = (sku: string | undefined) =>
    navigate({ to: "/stock", search: { ...search, sku }, resetScroll: false });
  return (
    <>
      <PageHeader title="Stock" aside={<Total of={query.data} />} />
      <Filters search={search} locations={locations} onChange={go} />
      <List
        name="stock"
        caption="Stock"
        columns={columns}
        idOf={(row) => row.sku}
        onOpen={(row) => openSku(row.sku)}
        query={query}
        paging={search}
        onPage={(paging) =>
          navigate({
            to: "/stock",
            search: { ...search, ...FIRST_PAGE, ...paging },
            state: paging.cursor === undefined ? {} : { cameByNext: true },
          })
        }
        isFiltered={search.q !== undefined || search.location !== undefined || search.low !== undefined}
        onClear={() => navigate({ to: "/stock", search: {} })}
        empty={{
          icon: Boxes,
          title: "No stock yet",
          words: "A SKU appears here with its first count, receipt or import.",
        }}
      />
      <Suspense fallback={null}>
        <LocationFields chosen={search.location} />
        <StockDrawer sku={search.sku} onClose={() => openSku(undefined)} />
      </Suspense>
    </>
  );
}

interface FiltersProps {
  readonly search: StockSearch;
  readonly locations: readonly Location[];
  readonly onChange: (change: Partial<StockSearch>) => void;
}

function Filters({ search, locations, onChange }: FiltersProps) {
  const { lowStockThreshold } = useShop();
  return (
    <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
      <Tabs
        label="Level"
        value={search.low ? "low" : "all"}
        options={[
          ["all", "All"],
          ["low", `Low (${lowStockThreshold} or fewer)`],
        ]}
        onChange={(level) => onChange({ low: level === "low" ? true : undefined })}
      />
      <div className="flex w-full flex-wrap gap-2 sm:w-auto">
        <LocationSelect locations={locations} value={search.location} onChange={(location) => onChange({ location })} />
        <SearchBox
          label="Beginning of a SKU"
          value={search.q ?? ""}
          onSearch={(text) => onChange({ q: text === "" ? undefined : text })}
        />
      </div>
    </div>
  );
}

interface LocationSelectProps {
  readonly locations: readonly Location[];
  /** Undefined is everywhere. */
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
}

/** Where to look; nothing in a shop of one place. */
function LocationSelect({ locations, value, onChange }: LocationSelectProps) {
  if (locations.length < 2) return null;
  return (
    <Select
      label="Location"
      value={value ?? EVERYWHERE}
      options={[[EVERYWHERE, "All locations"], ...locations.map(({ id, name }): [string, string] => [id, name])]}
      onChange={(id) => onChange(id === EVERYWHERE ? undefined : id)}
    />
  );
}
