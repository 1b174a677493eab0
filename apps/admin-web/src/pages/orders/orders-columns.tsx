import { Link } from "@tanstack/react-router";
import { counted, inWords } from "../../format.ts";
import type { Column } from "../../table/data-table.tsx";
import { Ago, Amount } from "../../ui/data.tsx";
import { OrderStateBadge, PaymentStateBadge } from "./order-state.tsx";
import type { OrderRow } from "./orders-search.ts";

/** On a phone the number, the customer and the state share the first cell. */
export const ordersColumns: readonly Column<OrderRow>[] = [
  {
    id: "number",
    header: "Order",
    isFixed: true,
    cell: (order) => (
      <div className="grid gap-0.5">
        <Link
          to="/orders/$orderId"
          params={{ orderId: order.id }}
          state={{ cameFromList: true }}
          className="font-medium text-accent hover:underline"
        >
          {order.number}
        </Link>
        <span className="max-w-44 truncate text-[13px] text-ink-soft md:hidden">{order.email}</span>
        <span className="text-[13px] text-ink-faint md:hidden">
          <Ago at={order.placedAt} />
        </span>
      </div>
    ),
  },
  { id: "placed", header: "Placed", from: "md", cell: (order) => <Ago at={order.placedAt} /> },
  {
    id: "customer",
    header: "Customer",
    from: "md",
    cell: (order) => (
      <div className="max-w-64 truncate">
        {order.shippingAddress.name}
        <span className="block truncate text-[13px] text-ink-faint">{order.email}</span>
      </div>
    ),
  },
  {
    id: "state",
    header: "State",
    cell: (order) => (
      <div className="flex flex-col items-start gap-1">
        <OrderStateBadge state={order.state} />
        <span className="lg:hidden">
          <PaymentStateBadge state={order.payment.state} />
        </span>
      </div>
    ),
  },
  { id: "payment", header: "Payment", from: "lg", cell: (order) => <PaymentStateBadge state={order.payment.state} /> },
  { id: "provider", header: "Paid with", from: "lg", cell: (order) => inWords(order.payment.provider) },
  {
    id: "items",
    header: "Items",
    from: "lg",
    isNumber: true,
    cell: (order) => (
      <span title={counted(order.items.length, "line")}>
        {order.items.reduce((sum, item) => sum + item.quantity, 0)}
      </span>
    ),
  },
  { id: "total", header: "Total", isNumber: true, cell: (order) => <Amount value={order.totals.total} /> },
];
