import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FieldValuesForm } from "../../fields/field-values.tsx";
import { useFields } from "../../fields/use-fields.ts";
import { inWords } from "../../format.ts";
import { useRefusal } from "../../shell/me.tsx";
import { type Outputs, useTRPC } from "../../trpc.ts";
import { CopyId } from "../../ui/data.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import type { Order } from "./order.ts";
import { LoadedCard } from "./order-fields.tsx";

type Return = Outputs["orders"]["returns"]["staff"]["list"]["items"][number];

/** More than an order has. */
const RETURNS_MAX = 100;

/** What the shop's own fields say of an order's returns; nothing where the shop has defined none, or nothing has come back. */
export function OrderReturnFields({ order: { id: orderId } }: { readonly order: Order }) {
  const fields = useFields("return");
  const trpc = useTRPC();
  const query = useQuery({
    ...trpc.orders.returns.staff.list.queryOptions({ orderId, limit: RETURNS_MAX }),
    enabled: fields.length > 0,
  });
  if (fields.length === 0 || query.data?.items.length === 0) return null;
  return (
    <LoadedCard title="Custom fields of the returns" query={query}>
      {({ items }) => (
        <div className="grid gap-6">
          {items.map((one) => (
            <ReturnFields key={one.id} of={one} />
          ))}
        </div>
      )}
    </LoadedCard>
  );
}

function ReturnFields({ of: { id: returnId, state } }: { readonly of: Return }) {
  const fields = useFields("return");
  const refusal = useRefusal("orders:write");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(trpc.orders.fields.return.queryOptions({ id: returnId }));
  const { mutateAsync, isPending } = useMutation(
    trpc.orders.fields.saveReturn.mutationOptions({
      onSuccess: (saved) => queries.setQueryData(trpc.orders.fields.return.queryKey({ id: returnId }), saved),
    }),
  );
  return (
    <section aria-label={`Return ${returnId}`} className="grid gap-2">
      <h3 className="text-[13px] font-medium text-ink-soft">
        Return, {inWords(state).toLowerCase()} <CopyId id={returnId} />
      </h3>
      {data ? (
        <FieldValuesForm
          fields={fields}
          values={data}
          isSaving={isPending}
          refusal={refusal}
          what="this return's fields"
          onSave={(values) => mutateAsync({ id: returnId, values })}
        />
      ) : error ? (
        <ErrorState error={error} onRetry={refetch} />
      ) : (
        <Skeleton className="h-16" />
      )}
    </section>
  );
}
