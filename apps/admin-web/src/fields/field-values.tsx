import type { Json } from "@stoa/kernel";
import { textIn } from "@stoa/kernel";
import { type FormEvent, useEffect } from "react";
import { toast } from "sonner";
import { LeaveGuard } from "../form/leave-guard.tsx";
import { SaveBar } from "../form/save-bar.tsx";
import { problemOf, wordsOf } from "../problems.ts";
import { useShop } from "../shell/shop.tsx";
import { Facts } from "../ui/card.tsx";
import { type CustomField, type FieldValues, shownValue } from "./field.ts";
import { FieldInput } from "./field-input.tsx";
import { errorsByKey, useFieldDrafts } from "./use-field-drafts.ts";

export interface FieldValuesProps {
  readonly fields: readonly CustomField[];
  readonly values: FieldValues;
  /** Writes what has changed. @throws what core refuses. */
  readonly onSave: (patch: Record<string, Json>) => Promise<unknown>;
  readonly isSaving: boolean;
  /** Why they cannot be changed here; null when they can. */
  readonly refusal: string | null;
  /** What they are of, for the question before unsaved changes are lost. */
  readonly what: string;
  readonly onDirty?: (isDirty: boolean) => void;
}

/** What the shop's own fields say of something: seen by all who see it, changed by who may. */
export function FieldValuesForm({ fields, values, onSave, isSaving, refusal, what, onDirty }: FieldValuesProps) {
  const { locale } = useShop();
  const open = fields.filter(({ archivedAt }) => archivedAt === null);
  const put = fields.filter(({ archivedAt, key }) => archivedAt !== null && values[key] !== undefined);
  const { isDirty, errors, setErrors, draftOf, change, reset, patch } = useFieldDrafts(open, values);
  useEffect(() => onDirty?.(isDirty), [isDirty, onDirty]);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const changes = patch();
    if (changes === null) return;
    try {
      await onSave(changes);
      reset();
      toast.success("Fields saved");
    } catch (error) {
      setErrors(errorsByKey(problemOf(error).fields));
      toast.error(wordsOf(error));
    }
  };
  return (
    <form onSubmit={save} className="grid gap-4" noValidate>
      <LeaveGuard isDirty={isDirty && !isSaving} what={what} />
      {open.map((field) => (
        <FieldInput
          key={field.key}
          field={field}
          label={`${textIn(field.label, locale)}${field.isRequired ? " *" : ""}`}
          hint={hintOf(field, locale)}
          draft={draftOf(field)}
          locale={locale}
          error={errors.get(field.key)}
          isReadOnly={refusal !== null}
          onChange={(draft) => change(field.key, draft)}
        />
      ))}
      {put.length > 0 ? (
        <div>
          <h3 className="mb-1 text-[13px] font-medium text-ink-soft">Archived</h3>
          <Facts
            rows={put.map((field) => [textIn(field.label, locale), shownValue(values[field.key], field, locale)])}
          />
        </div>
      ) : null}
      {open.length > 0 ? (
        <SaveBar isDirty={isDirty} isSaving={isSaving} refusal={refusal} verb="Save fields" onDiscard={reset} />
      ) : null}
    </form>
  );
}

function hintOf(field: CustomField, locale: string): string | undefined {
  const fallback =
    field.defaultValue === undefined ? "" : `Empty means ${shownValue(field.defaultValue, field, locale)}`;
  const hint = [textIn(field.help, locale), fallback].filter(Boolean).join(" · ");
  return hint === "" ? undefined : hint;
}
