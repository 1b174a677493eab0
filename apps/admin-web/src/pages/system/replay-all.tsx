import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { counted } from "../../format.ts";
import { wordsOf } from "../../problems.ts";
import { useRefusal } from "../../shell/me.tsx";
import { useTRPC } from "../../trpc.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";

/** Sends all dead letters once more, having said how many. Core takes so many at a time; what is left is said as well. */
export function ReplayAll({ open }: { readonly open: number }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const missingRight = useRefusal("system:write");
  const [isOpen, setOpen] = useState(false);
  const replay = useMutation(
    trpc.system.replayAll.mutationOptions({
      onSuccess: ({ replayed, left }) => {
        setOpen(false);
        toast.success(`${counted(replayed, "message")} on the way again${left > 0 ? `, ${left} left` : ""}`);
      },
      onError: (error) => toast.error(wordsOf(error)),
      onSettled: () => queries.invalidateQueries({ queryKey: trpc.system.pathKey() }),
    }),
  );
  return (
    <>
      <Button size="sm" disabledReason={missingRight} onClick={() => setOpen(true)}>
        <RotateCw aria-hidden="true" className="size-3.5" />
        Send all again
      </Button>
      <Confirm
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={`Send ${counted(open, "message")} again?`}
        verb="Send them again"
        keep="Not now"
        isBusy={replay.isPending}
        onConfirm={() => replay.mutate()}
      >
        <p className="text-ink-soft">
          Each is sent once more, the oldest first, up to 200 at a time. What still cannot be delivered comes back here
          after its tries: mend the cause first.
        </p>
      </Confirm>
    </>
  );
}
