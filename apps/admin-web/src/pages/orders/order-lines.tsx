import { Card } from "../../ui/card.tsx";
import { Amount, CopyId } from "../../ui/data.tsx";
import type { Order } from "./order.ts";

/** What was bought, and how its total comes about. */
export function OrderLines({ order }: { readonly order: Order }) {
  return (
    <Card title="Items" isFlush>
      <table aria-label="Items" className="w-full">
        <thead>
          <tr className="border-b border-line text-left text-[12px] text-ink-soft">
            <th scope="col" className="px-4 py-1.5 font-medium">
              Product
            </th>
            <th scope="col" className="hidden px-3 py-1.5 text-right font-medium sm:table-cell">
              Price
            </th>
            <th scope="col" className="hidden px-3 py-1.5 text-right font-medium sm:table-cell">
              Quantity
            </th>
            <th scope="col" className="px-4 py-1.5 text-right font-medium">
              Total
            </th>
          </tr>
        </thead>
        <tbody>
          {order.items.map((item) => (
            <Line key={item.sku} item={item} />
          ))}
        </tbody>
      </table>
      <Totals order={order} />
    </Card>
  );
}

function Line({ item }: { readonly item: Order["items"][number] }) {
  return (
    <tr className="border-b border-line/70 align-top">
      <td className="px-4 py-2">
        <span className="block font-medium">{item.title}</span>
        {Object.keys(item.options).length > 0 ? (
          <span className="block text-[13px] text-ink-soft">
            {Object.entries(item.options)
              .map(([name, value]) => `${name}: ${value}`)
              .join(" · ")}
          </span>
        ) : null}
        <CopyId id={item.sku} />
        <span className="block text-[13px] text-ink-soft sm:hidden">
          {item.quantity} × <Amount value={item.unitPrice} />
        </span>
      </td>
      <td className="hidden px-3 py-2 text-right sm:table-cell">
        <Amount value={item.unitPrice} />
      </td>
      <td className="hidden px-3 py-2 text-right tabular-nums sm:table-cell">{item.quantity}</td>
      <td className="px-4 py-2 text-right">
        <Amount value={item.total} />
        {item.discount.amount > 0 ? (
          <span className="block text-[13px] text-good">
            − <Amount value={item.discount} />
          </span>
        ) : null}
      </td>
    </tr>
  );
}

function Totals({ order: { totals, shippingMethod, payment } }: { readonly order: Order }) {
  const rows = [
    ["Subtotal", totals.subtotal],
    ...(totals.discount.amount > 0
      ? ([["Discount", { ...totals.discount, amount: -totals.discount.amount }]] as const)
      : []),
    [`Shipping, ${shippingMethod.name}`, totals.shipping],
    ["Tax", totals.tax],
  ] as const;
  return (
    <dl className="ml-auto grid w-full max-w-sm gap-1 px-4 py-3">
      {rows.map(([term, value]) => (
        <div key={term} className="flex justify-between gap-4 text-ink-soft">
          <dt>{term}</dt>
          <dd>
            <Amount value={value} />
          </dd>
        </div>
      ))}
      <div className="mt-1 flex justify-between gap-4 border-t border-line pt-2 text-base font-semibold">
        <dt>Total</dt>
        <dd>
          <Amount value={totals.total} />
        </dd>
      </div>
      {payment.setOffTotal ? (
        <div className="flex justify-between gap-4 text-ink-soft">
          <dt>Of it by units taken out</dt>
          <dd>
            <Amount value={payment.setOffTotal} />
          </dd>
        </div>
      ) : null}
    </dl>
  );
}
