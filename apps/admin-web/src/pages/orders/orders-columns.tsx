import { Link } from "@tanstack/react-router";
import { counted, inWords } from "../../format.ts";
import type { Column } from "../../table/data-table.tsx";
import { Ago, Amount } from "../../ui/data.tsx";
import { OrderStateBadge, PaymentStateBadge } from "./order-state.tsx";
import type { OrderRow } from "./orders-search.ts";

/** On a phone who ordered stands in the cell of the number, and the total in that of the states. */
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
        <span className="line-clamp-1 text-[13px] [overflow-wrap:anywhere] text-ink-soft md:hidden">{order.email}</span>
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
      <div className="max-w-64 truncate xl:max-w-96" title={`${order.shippingAddress.name}, ${order.email}`}>
        {order.shippingAddress.name}
        <span className="block truncate text-[13px] text-ink-faint">{order.email}</span>
      </div>
    ),
  },
  {
    id: "state",
    header: "State",
    isAtEnd: true,
    cell: (order) => (
      <div className="flex flex-col items-end gap-1 md:items-start">
        <span className="font-medium md:hidden">
          <Amount value={order.totals.total} />
        </span>
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
  { id: "total", header: "Total", isNumber: true, from: "md", cell: (order) => <Amount value={order.totals.total} /> },
];
