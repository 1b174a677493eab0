import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { toast } from "sonner";
import { formatNumber } from "../../format.ts";
import { wordsOf } from "../../problems.ts";
import { useTRPC, useTRPCClient } from "../../trpc.ts";
import type { AdjustmentKind } from "./adjustment.ts";

export interface AdjustmentInput {
  readonly locationId: string;
  readonly kind: AdjustmentKind;
  readonly delta: number;
  readonly reason: string;
}

/** Makes an adjustment. One whose answer was lost keeps its key, so that pressing the button again does not move stock twice. */
export function useAdjust(sku: string, onDone: () => void) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const attempt = useRef<{ readonly of: string; readonly key: string } | null>(null);
  const mutation = useMutation({
    mutationFn: (input: AdjustmentInput) => {
      const of = JSON.stringify(input);
      if (attempt.current?.of !== of) attempt.current = { of, key: crypto.randomUUID() };
      const context = { idempotencyKey: attempt.current.key };
      return client.inventory.adjust.mutate({ sku, ...input }, { context });
    },
    onSuccess: ({ after }) => {
      attempt.current = null;
      toast.success(`${sku}: ${formatNumber(after)} on hand`);
      onDone();
    },
    onError: (error) => toast.error(wordsOf(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: trpc.inventory.pathKey() }),
  });
  return { submit: (input: AdjustmentInput) => mutation.mutate(input), isBusy: mutation.isPending };
}
