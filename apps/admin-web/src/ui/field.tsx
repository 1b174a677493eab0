import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "./cn.ts";

const control =
  "h-9 w-full rounded-md border border-line-strong/60 bg-surface px-3 text-ink placeholder:text-ink-faint aria-invalid:border-bad";

export interface FieldProps {
  readonly label: string;
  /** What is wrong with the value, in plain words. */
  readonly error?: string | null | undefined;
  readonly hint?: ReactNode;
}

interface Described extends FieldProps {
  readonly id: string;
  readonly children: ReactNode;
}

function Labelled({ id, label, error, hint, children }: Described) {
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="text-[13px] font-medium text-ink-soft">
        {label}
      </label>
      {children}
      {error ? (
        <p id={`${id}-error`} role="alert" className="text-[13px] text-bad">
          {error}
        </p>
      ) : hint ? (
        <p id={`${id}-hint`} className="text-[13px] text-ink-faint">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

function described(id: string, { error, hint }: FieldProps) {
  return {
    id,
    "aria-invalid": error ? true : undefined,
    "aria-describedby": error ? `${id}-error` : hint ? `${id}-hint` : undefined,
  };
}

export function TextField({ label, error, hint, className, ...input }: FieldProps & ComponentProps<"input">) {
  const id = useId();
  return (
    <Labelled id={id} label={label} error={error} hint={hint}>
      <input className={cn(control, className)} {...described(id, { label, error, hint })} {...input} />
    </Labelled>
  );
}

export function TextArea({ label, error, hint, className, ...input }: FieldProps & ComponentProps<"textarea">) {
  const id = useId();
  return (
    <Labelled id={id} label={label} error={error} hint={hint}>
      <textarea
        rows={4}
        className={cn(control, "h-auto py-2", className)}
        {...described(id, { label, error, hint })}
        {...input}
      />
    </Labelled>
  );
}

/** The platform's own select: at home on every device and to every screen reader. */
export function SelectField({ label, error, hint, className, ...select }: FieldProps & ComponentProps<"select">) {
  const id = useId();
  return (
    <Labelled id={id} label={label} error={error} hint={hint}>
      <select className={cn(control, "pr-8", className)} {...described(id, { label, error, hint })} {...select} />
    </Labelled>
  );
}
