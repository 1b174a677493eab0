import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ShieldOff } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { wordsOf } from "../../problems.ts";
import { useRefusal } from "../../shell/me.tsx";
import { useTRPC } from "../../trpc.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import type { Colleague } from "./colleague-row.tsx";

interface ResetFactorsProps {
  readonly colleague: Colleague;
  readonly isMe: boolean;
}

/** Takes away what a colleague has lost, so that they get in by the password and can set up anew. */
export function ResetFactors({ colleague, isMe }: ResetFactorsProps) {
  const { id, name, email, hasTotp, passkeys } = colleague;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const missingRight = useRefusal("staff:write");
  const close = () => setOpen(false);
  const reset = useMutation(
    trpc.users.staff.resetSecondFactor.mutationOptions({
      onSuccess: () => {
        close();
        toast.success(`${name} signs in with the password alone now`);
      },
      onError: (error) => toast.error(wordsOf(error)),
      onSettled: () => queries.invalidateQueries({ queryKey: trpc.users.staff.list.pathKey() }),
    }),
  );
  if (!hasTotp && passkeys === 0) return null;
  const refusal = missingRight ?? (isMe ? "Your own are under Security, in your menu" : null);
  return (
    <>
      <Button size="sm" disabledReason={refusal} onClick={() => setOpen(true)}>
        <ShieldOff aria-hidden="true" className="size-3.5" />
        Reset second factor<span className="sr-only"> of {name}</span>
      </Button>
      <Confirm
        isOpen={isOpen}
        onClose={close}
        title={`Reset the second factor of ${name}?`}
        verb="Reset the second factor"
        keep="Keep it"
        isDestructive
        isBusy={reset.isPending}
        onConfirm={() => reset.mutate({ id })}
      >
        <p className="text-ink-soft">
          Authenticator app, back-up codes and passkeys no longer sign {name} in, and every session of theirs ends now.
          The password alone lets them in until they set up a new one.
        </p>
        <p className="text-ink-soft">
          Make sure first that it is {name} who asks: whoever holds only the password gets in by this. They are told at{" "}
          {email}, and it stands in the audit log with your name.
        </p>
      </Confirm>
    </>
  );
}
