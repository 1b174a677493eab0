import type { Json } from "@stoa/kernel";
import { useState } from "react";
import { type CustomField, type Draft, draftOf, type FieldValues, readDraft } from "./field.ts";

/** What is being typed into a thing's own fields, beside what is there. */
export function useFieldDrafts(fields: readonly CustomField[], values: FieldValues) {
  const [drafts, setDrafts] = useState<Readonly<Record<string, Draft>>>({});
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const present = (field: CustomField) => draftOf(values[field.key], field);
  const changed = fields.filter((field) => {
    const draft = drafts[field.key];
    return draft !== undefined && draft !== present(field);
  });
  return {
    isDirty: changed.length > 0,
    errors,
    setErrors,
    draftOf: (field: CustomField) => drafts[field.key] ?? present(field),
    change: (key: string, draft: Draft) => setDrafts((old) => ({ ...old, [key]: draft })),
    reset: () => {
      setDrafts({});
      setErrors(new Map());
    },
    /** What to send: null where a value is taken away. Null in all where something cannot be read; the fields then say so. */
    patch: (): Record<string, Json> | null => {
      const reads = changed.map((field) => [field.key, readDraft(drafts[field.key] ?? "", field)] as const);
      const wrong = reads.flatMap(([key, read]) => (read.kind === "wrong" ? [[key, read.reason] as const] : []));
      setErrors(new Map(wrong));
      if (wrong.length > 0) return null;
      return Object.fromEntries(reads.flatMap(([key, read]) => (read.kind === "value" ? [[key, read.value]] : [])));
    },
  };
}

/** Core's words by field, out of the paths that it names: `customFields.care`, `variants.2.customFields.bin`. */
export function errorsByKey(told: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(
    [...told].flatMap(([path, message]) => {
      const key = /(?:^|\.)customFields\.([a-z][a-z0-9_]*)$/.exec(path)?.[1];
      return key ? [[key, message] as const] : [];
    }),
  );
}
