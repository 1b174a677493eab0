import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { wordsOf } from "../../problems.ts";
import { useTRPC } from "../../trpc.ts";

/** Lets a stuck saga go on where it stopped. */
export function useRetrySaga() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  return useMutation(
    trpc.system.retrySaga.mutationOptions({
      onSuccess: () => toast.success("It is being tried again"),
      onError: (error) => toast.error(wordsOf(error)),
      onSettled: () =>
        Promise.all([
          queries.invalidateQueries({ queryKey: trpc.orders.staff.get.pathKey() }),
          queries.invalidateQueries({ queryKey: trpc.system.pathKey() }),
        ]),
    }),
  );
}
