import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Package } from "lucide-react";
import { PageHeader, Total } from "../../shell/page-header.tsx";
import { List } from "../../table/list.tsx";
import { FIRST_PAGE } from "../../table/paging.ts";
import { SearchBox } from "../../table/search-box.tsx";
import { Tabs } from "../../table/tabs.tsx";
import { useTRPC } from "../../trpc.ts";
import { Select } from "../../ui/select.tsx";
import { productsColumns } from "./products-columns.tsx";
import { type ProductsSearch, productSorts, productsInput, statusTabs } from "./products-search.ts";

const route = getRouteApi("/shell/products");

/** Everything that the shop sells, has sold or may sell. */
export function ProductsPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const trpc = useTRPC();
  const query = useQuery({
    ...trpc.catalog.products.list.queryOptions(productsInput(search)),
    placeholderData: keepPreviousData,
  });
  const go = (change: Partial<ProductsSearch>) =>
    navigate({ to: "/products", search: { ...search, ...FIRST_PAGE, ...change }, replace: "q" in change });
  return (
    <>
      <PageHeader title="Products" aside={<Total of={query.data} />} />
      <Filters search={search} onChange={go} />
      <List
        name="products"
        caption="Products"
        columns={productsColumns}
        idOf={(product) => product.id}
        onOpen={(product) =>
          navigate({ to: "/products/$productId", params: { productId: product.id }, state: { cameFromList: true } })
        }
        query={query}
        paging={search}
        onPage={(paging) =>
          navigate({
            to: "/products",
            search: { ...search, ...FIRST_PAGE, ...paging },
            state: paging.cursor === undefined ? {} : { cameByNext: true },
          })
        }
        isFiltered={search.q !== undefined || search.status !== undefined}
        onClear={() => navigate({ to: "/products", search: {} })}
        empty={{
          icon: Package,
          title: "No products yet",
          words: (
            <>
              The shop has nothing to sell. Bring a catalog in from a file: <code>stoa import catalog.csv</code>
            </>
          ),
        }}
      />
    </>
  );
}

interface FiltersProps {
  readonly search: ProductsSearch;
  readonly onChange: (change: Partial<ProductsSearch>) => void;
}

function Filters({ search, onChange }: FiltersProps) {
  return (
    <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
      <Tabs
        label="Status"
        value={search.status ?? "all"}
        options={statusTabs}
        onChange={(status) => onChange({ status: status === "all" ? undefined : status })}
      />
      <div className="flex w-full flex-wrap gap-2 sm:w-auto">
        <Select
          label="Sort by"
          value={search.sort ?? "-updated"}
          options={productSorts}
          onChange={(sort) => onChange({ sort: sort === "-updated" ? undefined : sort })}
        />
        <SearchBox
          label="Title, brand, SKU or barcode"
          value={search.q ?? ""}
          onSearch={(text) => onChange({ q: text === "" ? undefined : text })}
        />
      </div>
    </div>
  );
}
