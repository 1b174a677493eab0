import { textIn } from "@stoa/kernel";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Archive, ArchiveRestore, Trash2 } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { type CustomField, entityNames } from "../../fields/field.ts";
import { wordsOf } from "../../problems.ts";
import { useShop } from "../../shell/shop.tsx";
import { useTRPC } from "../../trpc.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";

/** Puts a field away, takes it back, and takes away for good what nobody has filled in. */
export function FieldActions({ field, refusal }: { readonly field: CustomField; readonly refusal: string | null }) {
  const { locale } = useShop();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<"archive" | "delete" | null>(null);
  const options = {
    onSuccess: () => queries.invalidateQueries({ queryKey: trpc.customFields.list.pathKey() }),
    onError: (error: unknown) => void toast.error(wordsOf(error)),
    onSettled: () => setAsked(null),
  };
  const archive = useMutation(trpc.customFields.archive.mutationOptions(options));
  const restore = useMutation(trpc.customFields.restore.mutationOptions(options));
  const remove = useMutation(trpc.customFields.delete.mutationOptions(options));
  const { entity, key, version } = field;
  const at = { entity, key, version };
  const name = textIn(field.label, locale);
  const things = entityNames[entity].toLowerCase();
  if (field.archivedAt === null) {
    return (
      <>
        <IconButton label={`Archive ${name}`} icon={Archive} refusal={refusal} onClick={() => setAsked("archive")} />
        <Confirm
          isOpen={asked === "archive"}
          onClose={() => setAsked(null)}
          title={`Archive ${name}?`}
          verb="Archive the field"
          isBusy={archive.isPending}
          onConfirm={() => archive.mutate(at)}
        >
          <p>
            Values that {things} have stay, and are shown as before. Nobody can fill it in any more until it is
            restored.
          </p>
        </Confirm>
      </>
    );
  }
  return (
    <>
      <IconButton
        label={`Restore ${name}`}
        icon={ArchiveRestore}
        refusal={refusal}
        onClick={() => restore.mutate(at)}
      />
      <IconButton label={`Delete ${name}`} icon={Trash2} refusal={refusal} onClick={() => setAsked("delete")} />
      <Confirm
        isOpen={asked === "delete"}
        onClose={() => setAsked(null)}
        title={`Delete ${name}?`}
        verb="Delete the field"
        isDestructive
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate(at)}
      >
        <p>Only a field that none of the {things} has a value of can be deleted.</p>
      </Confirm>
    </>
  );
}

interface IconButtonProps {
  readonly label: string;
  readonly icon: typeof Archive;
  readonly refusal: string | null;
  readonly onClick: () => void;
}

function IconButton({ label, icon: Icon, refusal, onClick }: IconButtonProps) {
  return (
    <Button variant="ghost" size="icon" aria-label={label} disabledReason={refusal} onClick={onClick}>
      <Icon aria-hidden="true" className="size-4" />
    </Button>
  );
}
