import { useQuery } from "@tanstack/react-query";
import { inWords } from "../../format.ts";
import { useRefusal } from "../../shell/me.tsx";
import { useTRPC } from "../../trpc.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card, Facts } from "../../ui/card.tsx";
import { Amount, CopyId } from "../../ui/data.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import type { Order, Payment } from "./order.ts";
import { PaymentStateBadge } from "./order-state.tsx";
import { PaymentCalls, PaymentFacts } from "./payment-details.tsx";
import { PaymentDisputes } from "./payment-disputes.tsx";

/** How the order was paid: each attempt with its amounts, what the provider told, and each call to it. */
export function OrderPayment({ order }: { readonly order: Order }) {
  const missingRight = useRefusal("payments:read");
  return (
    <Card title="Payment" aside={<PaymentStateBadge state={order.payment.state} />}>
      {missingRight === null ? (
        <Attempts orderId={order.id} />
      ) : (
        <p className="text-ink-soft">
          By {inWords(order.payment.provider)}. {missingRight}, so its details are not shown.
        </p>
      )}
    </Card>
  );
}

function Attempts({ orderId }: { readonly orderId: Order["id"] }) {
  const trpc = useTRPC();
  const { data, error, refetch } = useQuery(trpc.payments.ofOrder.queryOptions({ orderId }));
  if (error && !data) return <ErrorState error={error} onRetry={refetch} />;
  if (!data) return <Skeleton className="h-24" />;
  if (data.items.length === 0) return <p className="text-ink-soft">No payment has been tried yet.</p>;
  return (
    <div className="grid grid-cols-1 gap-5">
      {data.items.map((payment) => (
        <Attempt key={payment.id} payment={payment} isOnly={data.items.length === 1} />
      ))}
    </div>
  );
}

const tones: Readonly<Record<Payment["state"], Tone>> = {
  pending: "info",
  requires_action: "warn",
  processing: "info",
  authorized: "info",
  captured: "good",
  failed: "bad",
  cancelled: "neutral",
  voided: "neutral",
  expired: "warn",
};

function Attempt({ payment, isOnly }: { readonly payment: Payment; readonly isOnly: boolean }) {
  const { attempt, state, provider, providerReference, declineCode } = payment;
  return (
    <div className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-medium">{isOnly ? inWords(provider) : `${inWords(provider)}, attempt ${attempt}`}</h3>
        {isOnly ? null : <Badge tone={tones[state]}>{inWords(state)}</Badge>}
        {providerReference ? <CopyId id={providerReference} /> : null}
      </div>
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-md border border-line bg-line sm:grid-cols-4">
        {(
          [
            ["Asked for", payment.amount],
            ["Authorized", payment.authorized],
            ["Captured", payment.captured],
            ["Refunded", payment.refunded],
          ] as const
        ).map(([term, amount]) => (
          <div key={term} className="bg-surface px-3 py-2">
            <dt className="text-[12px] text-ink-soft">{term}</dt>
            <dd className="font-medium">
              <Amount value={amount} />
            </dd>
          </div>
        ))}
      </dl>
      {declineCode ? <Facts rows={[["Declined", <code key="code">{declineCode}</code>]]} /> : null}
      <PaymentDisputes payment={payment} />
      <PaymentFacts payment={payment} />
      <PaymentCalls calls={payment.calls} />
    </div>
  );
}
