import type { Texts } from "@stoa/kernel";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";

export interface TextsInputProps {
  readonly label: string;
  readonly texts: Texts;
  readonly onChange: (texts: Texts) => void;
  /** The shop's own language, which always has a line. */
  readonly locale: string;
  readonly error?: string | undefined;
  readonly hint?: string | undefined;
}

const LOCALE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/;

/** A text in the shop's language, and in as many others as somebody adds. */
export function TextsInput({ label, texts, onChange, locale, error, hint }: TextsInputProps) {
  const [added, setAdded] = useState<string | null>(null);
  const others = Object.keys(texts).filter((code) => code !== locale);
  const isNew = added !== null && LOCALE.test(added) && added !== locale && !others.includes(added);
  return (
    <div className="grid gap-2">
      <TextField
        label={label}
        error={error}
        hint={hint}
        value={texts[locale] ?? ""}
        onChange={(event) => onChange({ ...texts, [locale]: event.target.value })}
      />
      {others.map((code) => (
        <TextField
          key={code}
          label={`${label} in ${code}`}
          value={texts[code] ?? ""}
          onChange={(event) => onChange({ ...texts, [code]: event.target.value })}
        />
      ))}
      {added === null ? (
        <Button size="sm" variant="ghost" className="justify-self-start" onClick={() => setAdded("")}>
          <Plus aria-hidden="true" className="size-4" />
          Another language
        </Button>
      ) : (
        <div className="flex items-end gap-2">
          <TextField
            label={`Language of ${label.toLowerCase()}`}
            placeholder="de, pt-BR"
            autoCapitalize="none"
            value={added}
            onChange={(event) => setAdded(event.target.value.trim())}
          />
          <Button
            disabledReason={isNew ? null : "A language code that is not there yet"}
            onClick={() => {
              onChange({ ...texts, [added]: "" });
              setAdded(null);
            }}
          >
            Add
          </Button>
        </div>
      )}
    </div>
  );
}
