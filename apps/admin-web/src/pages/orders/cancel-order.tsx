import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ban } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { wordsOf } from "../../problems.ts";
import { useRefusal } from "../../shell/me.tsx";
import { useTRPC } from "../../trpc.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { cancelConsequences, cancelRefusal, type Order } from "./order.ts";

/** Cancels the order, having said what becomes of its money and stock. */
export function CancelOrder({ order }: { readonly order: Order }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const missingRight = useRefusal("orders:write");
  const close = () => setOpen(false);
  const cancel = useMutation(
    trpc.orders.staff.cancel.mutationOptions({
      onSuccess: () => {
        close();
        toast.success(`Order ${order.number} is being cancelled`);
      },
      onError: (error) => toast.error(wordsOf(error)),
      onSettled: () =>
        Promise.all([
          queries.invalidateQueries({ queryKey: trpc.orders.staff.pathKey() }),
          queries.invalidateQueries({ queryKey: trpc.payments.ofOrder.pathKey() }),
        ]),
    }),
  );
  const { money, stock } = cancelConsequences(order);
  return (
    <>
      <Button variant="danger" disabledReason={cancelRefusal(order) ?? missingRight} onClick={() => setOpen(true)}>
        <Ban aria-hidden="true" className="size-4" />
        Cancel order
      </Button>
      <Confirm
        isOpen={isOpen}
        onClose={close}
        title={`Cancel order ${order.number}?`}
        verb="Cancel the order"
        keep="Keep the order"
        isDestructive
        isBusy={cancel.isPending}
        onConfirm={() => cancel.mutate({ id: order.id })}
      >
        <p className="text-ink-soft">
          The customer, {order.shippingAddress.name}, sees the order as cancelled at once. This cannot be undone.
        </p>
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-2 rounded-md border border-line bg-sunken p-3">
          <dt className="font-medium">Money</dt>
          <dd className="text-ink-soft">{money}</dd>
          <dt className="font-medium">Stock</dt>
          <dd className="text-ink-soft">{stock}</dd>
        </dl>
      </Confirm>
    </>
  );
}
