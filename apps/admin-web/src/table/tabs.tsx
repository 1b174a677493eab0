import { cn } from "../ui/cn.ts";

export interface TabsProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, name: string])[];
  readonly onChange: (value: Value) => void;
}

/** One filter of a list as a row of choices that are all in sight. */
export function Tabs<Value extends string>({ label, value, options, onChange }: TabsProps<Value>) {
  return (
    <fieldset
      aria-label={label}
      className="flex min-w-0 max-w-full gap-1 overflow-x-auto border-0 p-0.5 [scrollbar-width:none] max-sm:pr-8 max-sm:[mask-image:linear-gradient(to_right,#000_calc(100%-2rem),transparent)]"
    >
      {options.map(([option, name]) => (
        <button
          key={option}
          type="button"
          aria-pressed={option === value}
          onClick={() => onChange(option)}
          className={cn(
            "h-8 rounded-md px-2.5 text-[13px] whitespace-nowrap text-ink-soft hover:bg-sunken hover:text-ink",
            option === value && "bg-accent-soft font-medium text-accent hover:bg-accent-soft hover:text-accent",
          )}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
