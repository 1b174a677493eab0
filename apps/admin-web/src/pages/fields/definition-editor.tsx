import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { type CustomField, type FieldEntity, kindNames } from "../../fields/field.ts";
import { FieldInput } from "../../fields/field-input.tsx";
import { problemOf, wordsOf } from "../../problems.ts";
import { useRefusal } from "../../shell/me.tsx";
import { useShop } from "../../shell/shop.tsx";
import { type Outputs, useTRPC, useTRPCClient } from "../../trpc.ts";
import { Button } from "../../ui/button.tsx";
import { SelectField, TextField } from "../../ui/field.tsx";
import { Breaches } from "./breaches.tsx";
import { type DefinitionForm, definitionOf, emptyForm, formOf, keyFrom, shapeOf } from "./definition.ts";
import { KindLimits } from "./kind-limits.tsx";
import { Rights } from "./rights.tsx";
import { TextsInput } from "./texts-input.tsx";

export interface DefinitionEditorProps {
  readonly entity: FieldEntity;
  readonly before: CustomField | null;
  readonly onDone: () => void;
}

type Held = Outputs["customFields"]["preview"];

/** Everything that can be said of a field. What values would break is shown before it is saved over them. */
export function DefinitionEditor({ entity, before, onDone }: DefinitionEditorProps) {
  const { locale } = useShop();
  const [form, setForm] = useState<DefinitionForm>(before ? formOf(before, locale) : emptyForm(entity));
  const refusal = useRefusal("settings:write");
  const { save, errors, breaches, isBusy } = useSaveDefinition({ form, before, locale, onDone });
  const change = (members: Partial<DefinitionForm>) => setForm((old) => ({ ...old, ...members }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (refusal === null) void save(false);
  };
  return (
    <form onSubmit={submit} className="grid gap-4" noValidate>
      <TextsInput
        label="Name"
        texts={form.label}
        locale={locale}
        error={errors.get("label")}
        onChange={(label) => {
          const wasMade = form.key === keyFrom(form.label[locale] ?? "");
          change({ label, ...(before === null && wasMade && { key: keyFrom(label[locale] ?? "") }) });
        }}
      />
      <TextField
        label="Key"
        hint={before ? "A key stays as it is" : "What it is called in the API and in files; it stays"}
        readOnly={before !== null}
        spellCheck={false}
        autoCapitalize="none"
        error={errors.get("key")}
        value={form.key}
        onChange={(event) => change({ key: event.target.value })}
      />
      <SelectField
        label="Kind"
        value={form.kind}
        hint={before ? "Can be changed while there is no value" : undefined}
        onChange={(event) => change({ kind: kindNamed(event.target.value), defaultValue: "" })}
      >
        {Object.entries(kindNames).map(([kind, name]) => (
          <option key={kind} value={kind}>
            {name}
          </option>
        ))}
      </SelectField>
      <KindLimits form={form} change={change} errors={errors} />
      <Rights form={form} change={change} errors={errors} />
      <FieldInput
        field={shapeOf(form, locale)}
        label="Default"
        hint="What holds where there is no value"
        draft={form.defaultValue}
        locale={locale}
        error={errors.get("defaultValue")}
        onChange={(defaultValue) => change({ defaultValue })}
      />
      <TextsInput
        label="Help"
        hint="For whoever fills it in"
        texts={form.help}
        locale={locale}
        error={errors.get("help")}
        onChange={(help) => change({ help })}
      />
      {breaches ? <Breaches breaches={breaches} onAccept={() => save(true)} isBusy={isBusy} /> : null}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Close</Button>
        <Button type="submit" variant="primary" isBusy={isBusy} disabledReason={refusal}>
          {isBusy ? "Saving…" : "Save field"}
        </Button>
      </div>
    </form>
  );
}

function kindNamed(text: string): DefinitionForm["kind"] {
  return Object.keys(kindNames).find((kind): kind is DefinitionForm["kind"] => kind === text) ?? "text";
}

interface SaveOptions {
  readonly form: DefinitionForm;
  readonly before: CustomField | null;
  readonly locale: string;
  readonly onDone: () => void;
}

function useSaveDefinition({ form, before, locale, onDone }: SaveOptions) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const [breaches, setBreaches] = useState<Held | null>(null);
  const save = useMutation(trpc.customFields.save.mutationOptions());
  const run = async (acceptBreaches: boolean) => {
    const definition = definitionOf({ form, before, locale });
    if (definition instanceof Map) return setErrors(definition);
    if (!("kind" in definition)) return;
    const input = { definition, acceptBreaches, ...(before && { version: before.version }) };
    try {
      const held = before && !acceptBreaches ? await client.customFields.preview.query(input) : null;
      if (held && held.total > 0) return setBreaches(held);
      await save.mutateAsync(input);
      await queries.invalidateQueries({ queryKey: trpc.customFields.list.pathKey() });
      toast.success("Field saved");
      onDone();
    } catch (error) {
      setBreaches(null);
      setErrors(new Map([...problemOf(error).fields].map(([path, message]) => [memberOf(path), message])));
      toast.error(wordsOf(error));
    }
  };
  return { save: run, errors, breaches, isBusy: save.isPending };
}

/** Core names members by their path: `definition.key`, `choices`, `label`. */
function memberOf(path: string): string {
  return path.replace(/^definition\./, "").split(".")[0] ?? path;
}
