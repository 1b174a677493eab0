import { type UseQueryResult, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { FieldValuesForm } from "../../fields/field-values.tsx";
import { useFields } from "../../fields/use-fields.ts";
import { useMe, useRefusal } from "../../shell/me.tsx";
import { useTRPC } from "../../trpc.ts";
import { Card } from "../../ui/card.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import type { Order } from "./order.ts";

interface LoadedCardProps<Data> {
  readonly title: string;
  readonly query: Pick<UseQueryResult<Data, unknown>, "data" | "error" | "refetch">;
  readonly children: (data: Data) => ReactNode;
}

/** A card for what a query brings: its place is kept until then, and a failure may be tried again. */
export function LoadedCard<Data>({ title, query: { data, error, refetch }, children }: LoadedCardProps<Data>) {
  const instead = error ? <ErrorState error={error} onRetry={refetch} /> : <Skeleton className="h-24" />;
  return <Card title={title}>{data === undefined ? instead : children(data)}</Card>;
}

/** What the shop's own fields say of an order; nothing where the shop has defined none. */
export function OrderFields({ order: { id: orderId } }: { readonly order: Order }) {
  const fields = useFields("order");
  const refusal = useRefusal("orders:write");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const query = useQuery({
    ...trpc.orders.fields.get.queryOptions({ id: orderId }),
    enabled: fields.length > 0,
  });
  const { mutateAsync, isPending } = useMutation(
    trpc.orders.fields.save.mutationOptions({
      onSuccess: (saved) => queries.setQueryData(trpc.orders.fields.get.queryKey({ id: orderId }), saved),
    }),
  );
  if (fields.length === 0) return null;
  return (
    <LoadedCard title="Custom fields" query={query}>
      {(data) => (
        <FieldValuesForm
          key={orderId}
          fields={fields}
          values={data}
          isSaving={isPending}
          refusal={refusal}
          what="this order's fields"
          onSave={(values) => mutateAsync({ id: orderId, values })}
        />
      )}
    </LoadedCard>
  );
}

/** The same of each of its lines. */
export function OrderLineFields({ order: { id: orderId } }: { readonly order: Order }) {
  const fields = useFields("order_line");
  const refusal = useRefusal("orders:write");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const query = useQuery({
    ...trpc.orders.fields.lines.queryOptions({ id: orderId }),
    enabled: fields.length > 0,
  });
  const { mutateAsync, isPending } = useMutation(
    trpc.orders.fields.saveLine.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: trpc.orders.fields.lines.queryKey({ id: orderId }) }),
    }),
  );
  if (fields.length === 0) return null;
  return (
    <LoadedCard title="Custom fields of the items" query={query}>
      {({ items }) => (
        <div className="grid gap-6">
          {items.map(({ position, sku, title, values }) => (
            <section key={`${orderId}/${position}`} aria-label={`${title}, ${sku}`} className="grid gap-2">
              <h3 className="text-[13px] font-medium text-ink-soft">
                {title} <span className="font-mono">{sku}</span>
              </h3>
              <FieldValuesForm
                fields={fields}
                values={values}
                isSaving={isPending}
                refusal={refusal}
                what={`the fields of ${sku}`}
                onSave={(changed) => mutateAsync({ id: orderId, position, values: changed })}
              />
            </section>
          ))}
        </div>
      )}
    </LoadedCard>
  );
}

/** The same of the customer who placed it, for who may see customers. */
export function OrderCustomerFields({ order: { customerId } }: { readonly order: Order }) {
  const fields = useFields("customer");
  const seesCustomers = useMe().rights.includes("customers:read");
  if (customerId === null || fields.length === 0 || !seesCustomers) return null;
  return <CustomerFields customerId={customerId} />;
}

function CustomerFields({ customerId }: { readonly customerId: string }) {
  const fields = useFields("customer");
  const refusal = useRefusal("customers:write");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { data } = useQuery({ ...trpc.users.fields.get.queryOptions({ id: customerId }), retry: false });
  const { mutateAsync, isPending } = useMutation(
    trpc.users.fields.save.mutationOptions({
      onSuccess: (saved) => queries.setQueryData(trpc.users.fields.get.queryKey({ id: customerId }), saved),
    }),
  );
  // Of who has been erased there is nothing left to say.
  if (!data) return null;
  return (
    <Card title="Fields of the customer">
      <FieldValuesForm
        key={customerId}
        fields={fields}
        values={data}
        isSaving={isPending}
        refusal={refusal}
        what="this customer's fields"
        onSave={(values) => mutateAsync({ id: customerId, values })}
      />
    </Card>
  );
}
