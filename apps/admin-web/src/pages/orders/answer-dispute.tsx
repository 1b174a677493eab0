import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { FormDialog } from "../../form/form-dialog.tsx";
import { inWords } from "../../format.ts";
import { problemOf, wordsOf } from "../../problems.ts";
import { useRefusal } from "../../shell/me.tsx";
import { useTRPC } from "../../trpc.ts";
import { Button } from "../../ui/button.tsx";
import { TextArea } from "../../ui/field.tsx";
import type { Payment } from "./order.ts";

/** The most that any provider takes; one that takes less says so, and its words stand at the field. */
const EVIDENCE_LENGTH_MAX = 20_000;

export interface AnswerDisputeProps {
  readonly provider: Payment["provider"];
  readonly reference: string;
}

/** Sends the shop's side of a dispute to the provider, which takes it once. */
export function AnswerDispute({ provider, reference }: AnswerDisputeProps) {
  const missingRight = useRefusal("orders:write");
  const [isOpen, setOpen] = useState(false);
  const answer = useAnswer(provider, () => setOpen(false));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("text")).trim();
    if (text !== "") answer.mutate({ provider, reference, text });
  };
  return (
    <div>
      <Button size="sm" disabledReason={missingRight} onClick={() => setOpen(true)}>
        Answer the dispute
      </Button>
      <FormDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Answer the dispute"
        description={`It goes to ${inWords(provider)} once and for good. Documents are added in the dashboard of ${inWords(provider)} itself.`}
      >
        <form onSubmit={submit} className="grid gap-4">
          <TextArea
            label="What the shop has to say"
            name="text"
            rows={8}
            required
            maxLength={EVIDENCE_LENGTH_MAX}
            hint="What was ordered, when and where it was delivered, who signed for it, what was written to and fro."
            error={refusalOf(answer.error)}
          />
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={() => setOpen(false)}>Not now</Button>
            <Button type="submit" variant="primary" isBusy={answer.isPending}>
              {answer.isPending ? "Sending…" : "Send the answer"}
            </Button>
          </div>
        </form>
      </FormDialog>
    </div>
  );
}

function useAnswer(provider: Payment["provider"], onSent: () => void) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  return useMutation(
    trpc.payments.submitEvidence.mutationOptions({
      onSuccess: () => {
        onSent();
        toast.success(`${inWords(provider)} has the answer`);
      },
      onError: (error) => (refusalOf(error) === null ? toast.error(wordsOf(error)) : undefined),
      onSettled: () =>
        Promise.all([
          queries.invalidateQueries({ queryKey: trpc.payments.ofOrder.pathKey() }),
          queries.invalidateQueries({ queryKey: trpc.orders.staff.openDisputes.pathKey() }),
        ]),
    }),
  );
}

/** What is wrong with the words themselves. */
function refusalOf(error: unknown): string | null {
  return error ? (problemOf(error).fields.get("text") ?? null) : null;
}
