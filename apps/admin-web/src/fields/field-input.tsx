import { type ReactNode, useId } from "react";
import { SelectField, TextArea, TextField } from "../ui/field.tsx";
import { choiceName, type Draft, type FieldShape, isList } from "./field.ts";

export interface FieldInputProps {
  readonly field: FieldShape;
  readonly label: string;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly locale: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly isReadOnly?: boolean;
}

/** The input that fits a field's kind. It changes what is typed; what it means is read when it is saved. */
export function FieldInput(props: FieldInputProps) {
  const { field, label, draft, onChange, hint, error, isReadOnly = false } = props;
  const { kind } = field;
  const shared = { label, error, hint, readOnly: isReadOnly };
  if (kind === "choice") return isList(field) ? <Choices {...props} /> : <Choice {...props} />;
  if (kind === "boolean") return <YesOrNo {...props} />;
  if (kind === "long_text" || kind === "json" || isList(field)) {
    return (
      <TextArea
        {...shared}
        hint={hint ?? (isList(field) ? "One a line" : undefined)}
        rows={kind === "long_text" ? 4 : 3}
        className={kind === "json" ? "font-mono text-[13px]" : ""}
        spellCheck={kind === "long_text"}
        value={draft}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  }
  const types = { date: "date", datetime: "datetime-local" } as const;
  return (
    <TextField
      {...shared}
      hint={hint ?? (kind === "reference" ? `Id of a ${field.to}` : undefined)}
      type={kind === "date" || kind === "datetime" ? types[kind] : "text"}
      step={kind === "datetime" ? 1 : undefined}
      inputMode={kind === "integer" ? "numeric" : kind === "decimal" ? "decimal" : undefined}
      autoComplete="off"
      value={draft}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function Choice(props: FieldInputProps) {
  const { field, draft, locale } = props;
  const choices = field.choices ?? [];
  const isGone = draft !== "" && !choices.some(({ value }) => value === draft);
  return (
    <OneOf {...props}>
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choiceName(choice, locale)}
        </option>
      ))}
      {isGone ? <option value={draft}>{draft} (no choice any more)</option> : null}
    </OneOf>
  );
}

function YesOrNo(props: FieldInputProps) {
  return (
    <OneOf {...props}>
      <option value="true">Yes</option>
      <option value="false">No</option>
    </OneOf>
  );
}

type OneOfProps = Omit<FieldInputProps, "field" | "locale"> & { readonly children: ReactNode };

/** One value of a few, or none. */
function OneOf({ label, draft, onChange, hint, error, isReadOnly, children }: OneOfProps) {
  return (
    <SelectField
      {...{ label, hint, error }}
      disabled={isReadOnly}
      value={draft}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">–</option>
      {children}
    </SelectField>
  );
}

function Choices({ field, label, draft, onChange, locale, hint, error, isReadOnly }: FieldInputProps) {
  const id = useId();
  const chosen = draft.split("\n").filter(Boolean);
  const values = (field.choices ?? []).map(({ value }) => value);
  const all = [
    ...(field.choices ?? []),
    ...chosen.filter((value) => !values.includes(value)).map((value) => ({ value })),
  ];
  const toggle = (value: string) =>
    onChange((chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]).join("\n"));
  return (
    <fieldset className="grid min-w-0 gap-1" aria-describedby={error || hint ? `${id}-note` : undefined}>
      <legend className="mb-1 text-[13px] font-medium text-ink-soft">{label}</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1.5">
        {all.map((choice) => (
          <label key={choice.value} className="flex items-center gap-1.5">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              disabled={isReadOnly}
              checked={chosen.includes(choice.value)}
              onChange={() => toggle(choice.value)}
            />
            {choiceName(choice, locale)}
          </label>
        ))}
      </div>
      {error || hint ? (
        <p
          id={`${id}-note`}
          role={error ? "alert" : undefined}
          className={error ? "text-[13px] text-bad" : "text-[13px] text-ink-faint"}
        >
          {error ?? hint}
        </p>
      ) : null}
    </fieldset>
  );
}
