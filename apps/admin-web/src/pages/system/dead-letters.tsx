import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { toast } from "sonner";
import { counted } from "../../format.ts";
import { wordsOf } from "../../problems.ts";
import { useRefusal } from "../../shell/me.tsx";
import { type Outputs, useTRPC } from "../../trpc.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Ago, CopyId } from "../../ui/data.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { ReplayAll } from "./replay-all.tsx";

type DeadLetter = Outputs["system"]["deadLetters"]["items"][number];

const REFRESH_MS = 15_000;

/** Messages that were tried as often as allowed. Each can be sent once more when its cause is gone. */
export function DeadLetters({ open }: { readonly open: number }) {
  const trpc = useTRPC();
  const { data, error, refetch } = useQuery({
    ...trpc.system.deadLetters.queryOptions(),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Card
      title="Dead letters"
      aside={
        <span className="flex items-center gap-3 text-[13px] text-ink-faint">
          {open}
          {open > 1 ? <ReplayAll open={open} /> : null}
        </span>
      }
    >
      {data ? (
        <Letters letters={data.items} open={open} />
      ) : error ? (
        <ErrorState error={error} onRetry={refetch} />
      ) : (
        <Skeleton className="h-16" />
      )}
    </Card>
  );
}

function Letters({ letters, open }: { readonly letters: readonly DeadLetter[]; readonly open: number }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const missingRight = useRefusal("system:write");
  const replay = useMutation(
    trpc.system.replay.mutationOptions({
      onSuccess: () => toast.success("The message is on its way again"),
      onError: (error) => toast.error(wordsOf(error)),
      onSettled: () => queries.invalidateQueries({ queryKey: trpc.system.pathKey() }),
    }),
  );
  if (letters.length === 0) return <p className="text-ink-soft">None. Every message has arrived or is still tried.</p>;
  return (
    <>
      <ul className="grid grid-cols-1 gap-3">
        {letters.map((letter) => (
          <li
            key={letter.id}
            className="flex flex-wrap items-start justify-between gap-3 border-b border-line/70 pb-3 last:border-0 last:pb-0"
          >
            <div className="min-w-0 flex-1 basis-72">
              <p className="font-mono text-[13px] font-medium break-all">{letter.type}</p>
              <p className="text-[13px] [overflow-wrap:anywhere] text-bad">{letter.error}</p>
              <p className="text-[13px] text-ink-faint">
                <CopyId id={letter.key} /> · {counted(letter.attempts, "attempt")} · <Ago at={letter.createdAt} />
              </p>
            </div>
            <Button
              size="sm"
              disabledReason={missingRight}
              isBusy={replay.isPending && replay.variables.id === letter.id}
              onClick={() => replay.mutate({ id: letter.id })}
            >
              <RotateCw aria-hidden="true" className="size-3.5" />
              Send again
            </Button>
          </li>
        ))}
      </ul>
      {open > letters.length ? (
        <p className="mt-3 text-[13px] text-ink-soft">The newest {letters.length} are shown.</p>
      ) : null}
    </>
  );
}
