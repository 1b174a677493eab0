import { useMutation, useQueryClient } from "@tanstack/react-query";
import { UserX } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { wordsOf } from "../../problems.ts";
import { useRefusal } from "../../shell/me.tsx";
import { useTRPC } from "../../trpc.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import type { Order } from "./order.ts";

interface EraseCustomerProps {
  readonly order: Pick<Order, "number" | "email">;
  readonly customerId: string;
}

/** Forgets the customer for good; of who has been erased already, it takes what has come since. */
export function EraseCustomer({ order, customerId }: EraseCustomerProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const refusal = useRefusal("customers:write");
  const close = () => setOpen(false);
  const isRepeated = order.email === "";
  const erase = useMutation(
    trpc.users.eraseCustomer.mutationOptions({
      onSuccess: () => {
        close();
        toast.success("The customer has been erased");
      },
      onError: (error) => toast.error(wordsOf(error)),
      onSettled: () =>
        Promise.all([
          queries.invalidateQueries({ queryKey: trpc.orders.pathKey() }),
          queries.invalidateQueries({ queryKey: trpc.users.fields.pathKey() }),
        ]),
    }),
  );
  return (
    <>
      <Button disabledReason={refusal} onClick={() => setOpen(true)}>
        <UserX aria-hidden="true" className="size-4" />
        {isRepeated ? "Erase once more" : "Erase customer"}
      </Button>
      <Confirm
        isOpen={isOpen}
        onClose={close}
        title={isRepeated ? `Erase the customer of order ${order.number} once more?` : `Erase ${order.email}?`}
        verb="Erase the customer"
        keep="Keep the customer"
        isDestructive
        isBusy={erase.isPending}
        onConfirm={() => erase.mutate({ id: customerId })}
      >
        <p className="text-ink-soft">
          {isRepeated
            ? "They have been erased before. Whatever names them again, because an erasure broke off or a backup was brought back, is blanked."
            : "Account, addresses, saved cards, carts and mails go, and names and addresses are blanked in all of their orders, notes and invoices. Numbers and sums stay."}
        </p>
        <p className="text-ink-soft">This cannot be undone. It stands in the audit log with your name.</p>
      </Confirm>
    </>
  );
}
