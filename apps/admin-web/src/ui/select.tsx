import { cn } from "./cn.ts";

export interface SelectProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, name: string])[];
  readonly onChange: (value: Value) => void;
  readonly className?: string;
}

/** A filter with a few choices, its name inside it. The platform's own select, at home on every device. */
export function Select<Value extends string>({ label, value, options, onChange, className }: SelectProps<Value>) {
  const choose = (text: string) => {
    const chosen = options.find(([option]) => option === text);
    if (chosen) onChange(chosen[0]);
  };
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => choose(event.target.value)}
      className={cn("h-9 rounded-md border border-line-strong/60 bg-surface px-2 text-ink", className)}
    >
      {options.map(([option, name]) => (
        <option key={option} value={option}>
          {name}
        </option>
      ))}
    </select>
  );
}
