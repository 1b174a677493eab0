import type { FieldKind } from "../../fields/field.ts";
import { SelectField, TextArea, TextField } from "../../ui/field.tsx";
import { canBeSeveral, type DefinitionForm } from "./definition.ts";

export interface KindLimitsProps {
  readonly form: DefinitionForm;
  readonly change: (members: Partial<DefinitionForm>) => void;
  readonly errors: ReadonlyMap<string, string>;
}

type Limit = "countMax" | "lengthMin" | "lengthMax" | "pattern" | "min" | "max" | "digits" | "bytesMax";

const limits: Readonly<Record<FieldKind, readonly Limit[]>> = {
  text: ["lengthMin", "lengthMax", "pattern"],
  long_text: ["lengthMax"],
  integer: ["min", "max"],
  decimal: ["min", "max", "digits"],
  boolean: [],
  date: ["min", "max"],
  datetime: ["min", "max"],
  choice: [],
  reference: [],
  json: ["bytesMax"],
};

const names: Readonly<Record<Limit, string>> = {
  countMax: "Values at most",
  lengthMin: "Characters at least",
  lengthMax: "Characters at most",
  pattern: "Pattern",
  min: "Lowest",
  max: "Highest",
  digits: "Digits behind the point",
  bytesMax: "Bytes at most",
};

const hints: Partial<Record<Limit, string>> = {
  countMax: "Above 1 the field takes a list",
  pattern: "A regular expression (RE2) that matches the whole text",
};

/** What a value of the kind may be. */
export function KindLimits({ form, change, errors }: KindLimitsProps) {
  const { kind } = form;
  const shown = canBeSeveral(kind) ? [...limits[kind], "countMax" as const] : limits[kind];
  const isDay = kind === "date";
  return (
    <>
      {kind === "choice" ? (
        <TextArea
          label="Choices"
          hint="One a line; a name for people may follow behind a bar: xl | Extra large (a bar of the choice's own is \|)"
          rows={5}
          error={errors.get("choices")}
          value={form.choices}
          onChange={(event) => change({ choices: event.target.value })}
        />
      ) : null}
      {kind === "reference" ? (
        <SelectField
          label="Leads to"
          value={form.to}
          onChange={(event) => change({ to: targets.find((one) => one === event.target.value) ?? "product" })}
        >
          {targets.map((target) => (
            <option key={target} value={target}>
              A {target}
            </option>
          ))}
        </SelectField>
      ) : null}
      {shown.length > 0 ? (
        <div className="grid items-start gap-3 sm:grid-cols-2">
          {shown.map((limit) => (
            <TextField
              key={limit}
              label={names[limit]}
              hint={hints[limit] ?? (kind === "datetime" && limit === "min" ? "2026-12-31T12:00:00Z" : undefined)}
              type={isDay && (limit === "min" || limit === "max") ? "date" : "text"}
              autoComplete="off"
              spellCheck={false}
              error={errors.get(limit)}
              value={form[limit]}
              onChange={(event) => change({ [limit]: event.target.value })}
            />
          ))}
        </div>
      ) : null}
    </>
  );
}

const targets = ["product", "category", "customer", "order"] as const;
