import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { counted } from "../../format.ts";
import { problemOf } from "../../problems.ts";
import { ScreenMissing, ScreenPending } from "../../shell/failures.tsx";
import { PageHeader } from "../../shell/page-header.tsx";
import { useTRPC } from "../../trpc.ts";
import { BackLink } from "../../ui/back-link.tsx";
import { Card } from "../../ui/card.tsx";
import { Ago, CopyId } from "../../ui/data.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { isMoving } from "../sagas/saga.ts";
import { SagaView } from "../sagas/saga-view.tsx";
import { OrderWaits } from "../sagas/saga-wait.tsx";
import { CancelOrder } from "./cancel-order.tsx";
import { LiveMark } from "./live-mark.tsx";
import type { Order } from "./order.ts";
import { useOrderChanges } from "./order-changes.ts";
import { OrderCustomerFields, OrderFields, OrderLineFields } from "./order-fields.tsx";
import { OrderLines } from "./order-lines.tsx";
import { OrderPayment } from "./order-payment.tsx";
import { OrderPeople } from "./order-people.tsx";
import { OrderStateBadge, PaymentStateBadge } from "./order-state.tsx";
import { OrderTimeline } from "./order-timeline.tsx";
import { OrderReturnFields } from "./return-fields.tsx";

const route = getRouteApi("/shell/orders/$orderId");

/** A saga tries again without the order's own change being told. */
const MOVING_REFRESH_MS = 4_000;

/** All there is to know about one order, as it is at this moment. */
export function OrderPage() {
  const { orderId } = route.useParams();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({
    ...trpc.orders.staff.get.queryOptions({ id: orderId }),
    refetchInterval: ({ state }) => (state.data?.sagas.some(isMoving) ? MOVING_REFRESH_MS : false),
  });
  const refresh = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: trpc.orders.staff.get.queryKey({ id: orderId }) }),
      queries.invalidateQueries({ queryKey: trpc.payments.ofOrder.queryKey({ orderId }) }),
    ]);
  const connection = useOrderChanges({
    onChanged: (ids) => (ids.includes(orderId) ? refresh() : undefined),
    onResumed: refresh,
  });
  if (error && !data) {
    const { code } = problemOf(error);
    // An id of another form can belong to no order.
    if (code === "not_found" || code === "validation_failed") return <ScreenMissing />;
    return <ErrorState error={error} onRetry={refetch} />;
  }
  if (!data) return <ScreenPending />;
  return (
    <>
      <PageHeader
        title={`Order ${data.number}`}
        back={<BackLink to="/orders">Orders</BackLink>}
        aside={
          <>
            <OrderStateBadge state={data.state} />
            <PaymentStateBadge state={data.payment.state} />
          </>
        }
        actions={
          <>
            <LiveMark connection={connection} />
            <CancelOrder order={data} />
          </>
        }
      >
        <span>
          Placed <Ago at={data.placedAt} />
        </span>
        <CopyId id={data.id} />
      </PageHeader>
      <OrderSections order={data} />
    </>
  );
}

/** On a phone, who ordered and what happened come before how the machine went about it. */
function OrderSections({ order }: { readonly order: Order }) {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem] lg:grid-rows-[auto_1fr]">
      <div className="grid min-w-0 grid-cols-1 gap-4">
        {order.refusal ? (
          <p role="note" className="rounded-lg border border-bad/30 bg-bad-soft px-4 py-3 text-bad">
            Refused: {order.refusal.detail} <code className="text-[12px]">{order.refusal.code}</code>
          </p>
        ) : null}
        <OrderWaits sagas={order.sagas} />
        <OrderLines order={order} />
        <OrderPayment order={order} />
      </div>
      <div className="grid min-w-0 grid-cols-1 gap-4 lg:col-start-2 lg:row-span-2 lg:row-start-1">
        <OrderPeople order={order} />
        <OrderFields order={order} />
        <OrderLineFields order={order} />
        <OrderReturnFields order={order} />
        <OrderCustomerFields order={order} />
        <OrderTimeline order={order} />
      </div>
      <Processing order={order} />
    </div>
  );
}

function Processing({ order: { sagas } }: { readonly order: Order }) {
  return (
    <Card
      title="Processing"
      aside={<span className="text-[13px] text-ink-faint">{counted(sagas.length, "saga")}</span>}
    >
      {sagas.length === 0 ? (
        <p className="text-ink-soft">Nothing has been started.</p>
      ) : (
        <div className="grid grid-cols-1 gap-5">
          {sagas.map((saga) => (
            <SagaView key={saga.id} saga={saga} />
          ))}
        </div>
      )}
    </Card>
  );
}
