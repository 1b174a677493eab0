import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { useForm } from "react-hook-form";
import { formatChange, formatNumber } from "../../format.ts";
import { useRefusal } from "../../shell/me.tsx";
import { Button } from "../../ui/button.tsx";
import { SelectField, TextField } from "../../ui/field.tsx";
import { type Adjustment, adjustmentKinds, adjustmentSchema, deltaOf, type Preview, previewOf } from "./adjustment.ts";
import type { Location, StockRow } from "./stock-search.ts";
import { useAdjust } from "./use-adjust.ts";

export interface AdjustFormProps {
  readonly row: StockRow;
  readonly locations: readonly Location[];
}

/** Changes what lies in one place, says beforehand what that leads to, and keeps the reason. */
export function AdjustForm({ row, locations }: AdjustFormProps) {
  const missingRight = useRefusal("inventory:write");
  const first = row.levels[0]?.locationId ?? locations[0]?.id ?? "";
  const form = useForm<Adjustment>({
    resolver: standardSchemaResolver(adjustmentSchema),
    defaultValues: { locationId: first, kind: "adjustment", delta: "", reason: "" },
  });
  const { errors } = form.formState;
  const adjust = useAdjust(row.sku, () => form.reset({ ...form.getValues(), delta: "", reason: "" }));
  const [locationId, delta] = form.watch(["locationId", "delta"]);
  const change = deltaOf(delta);
  const preview = previewOf(row, locationId, change);
  return (
    <form
      aria-label="Adjust stock"
      noValidate
      onSubmit={form.handleSubmit((values) => adjust.submit({ ...values, delta: deltaOf(values.delta) }))}
      className="grid gap-3 rounded-lg border border-line p-4"
    >
      <h3 className="font-semibold">Adjust</h3>
      {locations.length > 1 ? (
        <SelectField label="Location" error={errors.locationId?.message} {...form.register("locationId")}>
          {locations.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      ) : null}
      <SelectField label="What happened" {...form.register("kind")}>
        {adjustmentKinds.map(([kind, words]) => (
          <option key={kind} value={kind}>
            {words}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Units more or fewer"
        inputMode="text"
        autoComplete="off"
        placeholder="12 or -3"
        className="text-right tabular-nums"
        error={errors.delta?.message ?? preview.refusal}
        {...form.register("delta")}
      />
      <TextField label="Reason" maxLength={500} error={errors.reason?.message} {...form.register("reason")} />
      <Outcome preview={preview} change={change} />
      <Button
        type="submit"
        variant="primary"
        isBusy={adjust.isBusy}
        disabledReason={missingRight ?? preview.refusal}
        className="justify-self-end"
      >
        {adjust.isBusy ? "Adjusting…" : "Adjust stock"}
      </Button>
    </form>
  );
}

function Outcome({ preview, change }: { readonly preview: Preview; readonly change: number }) {
  const rows = [
    ["On hand", preview.onHand],
    ["Available", preview.available],
  ] as const;
  return (
    <dl aria-label="Outcome" className="grid grid-cols-2 gap-px overflow-hidden rounded-md border border-line bg-line">
      {rows.map(([term, [before, after]]) => (
        <div key={term} className="bg-sunken px-3 py-2">
          <dt className="text-[12px] text-ink-soft">{term}</dt>
          <dd className="tabular-nums">
            {formatNumber(before)}
            {change === 0 || preview.refusal !== null ? null : (
              <>
                {" → "}
                <strong>{formatNumber(after)}</strong>{" "}
                <span className={after < before ? "text-bad" : "text-good"}>{formatChange(after - before)}</span>
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
