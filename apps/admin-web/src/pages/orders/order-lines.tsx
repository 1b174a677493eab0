import type { Money } from "../../format.ts";
import { Card } from "../../ui/card.tsx";
import { Amount, CopyId } from "../../ui/data.tsx";
import { type Order, taxesOf } from "./order.ts";

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
        <span className="block font-medium [overflow-wrap:anywhere]">{item.title}</span>
        {Object.keys(item.options).length > 0 ? (
          <span className="block text-[13px] [overflow-wrap:anywhere] text-ink-soft">
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
            <Amount value={taken(item.discount)} />
          </span>
        ) : null}
      </td>
    </tr>
  );
}

function taken(discount: Money): Money {
  return { ...discount, amount: -discount.amount };
}

function Totals({ order: { totals, shippingMethod, payment } }: { readonly order: Order }) {
  const { added, included } = taxesOf(totals);
  return (
    <dl className="ml-auto grid w-full max-w-sm gap-1 px-4 py-3">
      <Sum term="Subtotal" value={totals.subtotal} />
      {totals.discount.amount > 0 ? <Sum term="Discount" value={taken(totals.discount)} /> : null}
      <Sum term={`Shipping, ${shippingMethod.name}`} value={totals.shipping} />
      {added.amount > 0 || included.amount === 0 ? <Sum term="Tax" value={added} /> : null}
      <div className="mt-1 flex justify-between gap-4 border-t border-line pt-2 text-base font-semibold">
        <dt>Total</dt>
        <dd>
          <Amount value={totals.total} />
        </dd>
      </div>
      {included.amount > 0 ? <Sum term="Includes tax" value={included} /> : null}
      {payment.setOffTotal ? <Sum term="Of it by units taken out" value={payment.setOffTotal} /> : null}
    </dl>
  );
}

function Sum({ term, value }: { readonly term: string; readonly value: Money }) {
  return (
    <div className="flex justify-between gap-4 text-ink-soft">
      <dt>{term}</dt>
      <dd>
        <Amount value={value} />
      </dd>
    </div>
  );
}
