import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { ArrowUp, Receipt } from "lucide-react";
import { counted } from "../../format.ts";
import { PageHeader, Total } from "../../shell/page-header.tsx";
import { List } from "../../table/list.tsx";
import { FIRST_PAGE, type Paging } from "../../table/paging.ts";
import { SearchBox } from "../../table/search-box.tsx";
import { Tabs } from "../../table/tabs.tsx";
import { useTRPC } from "../../trpc.ts";
import { LiveMark } from "./live-mark.tsx";
import { ordersColumns } from "./orders-columns.tsx";
import { type OrdersSearch, ordersInput, orderTabs } from "./orders-search.ts";
import { useLiveOrders } from "./use-live-orders.ts";

const route = getRouteApi("/shell/orders");

/** Every order of the shop, newest first, as it is at this moment. */
export function OrdersPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const trpc = useTRPC();
  const query = useQuery({
    ...trpc.orders.staff.list.queryOptions(ordersInput(search)),
    placeholderData: keepPreviousData,
    // Changes arrive by themselves; a reload under the reader's eyes would move the rows.
    refetchOnWindowFocus: false,
  });
  const { fresh, connection, showFresh } = useLiveOrders(search, query.data);
  const go = (change: Partial<OrdersSearch>) =>
    navigate({ to: "/orders", search: { ...search, ...FIRST_PAGE, ...change }, replace: change.q !== undefined });
  const turn = (paging: Paging) =>
    navigate({
      to: "/orders",
      search: { ...search, ...FIRST_PAGE, ...paging },
      state: paging.cursor === undefined ? {} : { cameByNext: true },
    });
  const showNewest = () => {
    showFresh();
    void turn(FIRST_PAGE);
  };
  return (
    <>
      <PageHeader title="Orders" aside={<Total of={query.data} />} actions={<LiveMark connection={connection} />} />
      <Filters search={search} onChange={go} />
      <FreshOrders count={fresh} onShow={showNewest} />
      <List
        name="orders"
        caption="Orders"
        columns={ordersColumns}
        idOf={(order) => order.id}
        onOpen={(order) =>
          navigate({ to: "/orders/$orderId", params: { orderId: order.id }, state: { cameFromList: true } })
        }
        query={query}
        paging={search}
        onPage={turn}
        isFiltered={search.q !== undefined || search.state !== undefined}
        onClear={() => navigate({ to: "/orders", search: {} })}
        empty={{
          icon: Receipt,
          title: "No orders yet",
          words: "Every order that a shopper places appears here by itself, the moment it is placed.",
        }}
      />
    </>
  );
}

interface FiltersProps {
  readonly search: OrdersSearch;
  readonly onChange: (change: Partial<OrdersSearch>) => void;
}

function Filters({ search, onChange }: FiltersProps) {
  return (
    <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
      <Tabs
        label="State"
        value={search.state ?? "all"}
        options={orderTabs}
        onChange={(state) => onChange({ state: state === "all" ? undefined : state })}
      />
      <SearchBox
        label="Number, e-mail or SKU"
        value={search.q ?? ""}
        onSearch={(text) => onChange({ q: text === "" ? undefined : text })}
      />
    </div>
  );
}

/** Says that orders have come which the list does not show yet. */
function FreshOrders({ count, onShow }: { readonly count: number; readonly onShow: () => void }) {
  return (
    <div aria-live="polite">
      {count > 0 ? (
        <button
          type="button"
          onClick={onShow}
          className="mb-3 flex w-full items-center justify-center gap-2 rounded-lg border border-info/30 bg-info-soft px-3 py-2 font-medium text-info"
        >
          <ArrowUp aria-hidden="true" className="size-4" />
          {counted(count, "new order")}
        </button>
      ) : null}
    </div>
  );
}
