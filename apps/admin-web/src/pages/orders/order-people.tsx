import { addressLines } from "@stoa/kernel";
import { Link } from "@tanstack/react-router";
import { currentLocale } from "../../format.ts";
import { Card } from "../../ui/card.tsx";
import { CopyId } from "../../ui/data.tsx";
import { EraseCustomer } from "./erase-customer.tsx";
import type { Order } from "./order.ts";

/** Who ordered, and where it goes. */
export function OrderPeople({ order }: { readonly order: Order }) {
  return (
    <Card title="Customer">
      {order.email === "" ? (
        <p className="font-medium">Erased customer</p>
      ) : (
        <>
          <p className="font-medium [overflow-wrap:anywhere]">{order.shippingAddress.name}</p>
          <p>
            <CopyId id={order.email} isWords />
          </p>
        </>
      )}
      <p className="mt-1 text-[13px] text-ink-soft">
        {order.customerId === null ? "Guest checkout" : <CopyId id={order.customerId} />}
      </p>
      {order.email === "" ? null : (
        <p className="mt-1 text-[13px]">
          <Link to="/orders" search={{ q: order.email }} className="text-accent hover:underline">
            All orders of this e-mail
          </Link>
        </p>
      )}
      {order.customerId === null ? null : (
        <div className="mt-3">
          <EraseCustomer order={order} customerId={order.customerId} />
        </div>
      )}
      <div className="mt-4 grid gap-4 sm:grid-cols-2 lg:grid-cols-1">
        <Address title="Ships to" address={order.shippingAddress} />
        {order.billingAddress ? (
          <Address title="Bills to" address={order.billingAddress} />
        ) : (
          <div>
            <h3 className="text-[13px] font-medium text-ink-soft">Bills to</h3>
            <p>The same address</p>
          </div>
        )}
      </div>
    </Card>
  );
}

function Address({ title, address }: { readonly title: string; readonly address: Order["shippingAddress"] }) {
  const lines = [...addressLines(address, currentLocale()), address.phone ?? ""];
  return (
    <div className="min-w-0">
      <h3 className="text-[13px] font-medium text-ink-soft">{title}</h3>
      <address className="not-italic">
        <span className="[overflow-wrap:anywhere] whitespace-pre-line">{lines.join("\n").trim()}</span>
      </address>
    </div>
  );
}
