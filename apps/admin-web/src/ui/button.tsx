import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps, MouseEvent } from "react";
import { cn } from "./cn.ts";

const styles = cva(
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors disabled:cursor-not-allowed disabled:opacity-55",
  {
    variants: {
      variant: {
        primary: "bg-accent text-accent-ink hover:not-disabled:opacity-90",
        outline: "border border-line bg-surface text-ink hover:not-disabled:bg-sunken",
        ghost: "text-ink-soft hover:not-disabled:bg-sunken hover:not-disabled:text-ink",
        /** What cannot be undone, once it has been asked about. */
        destroy: "bg-bad text-surface hover:not-disabled:opacity-90",
        danger: "border border-bad/40 bg-surface text-bad hover:not-disabled:bg-bad-soft",
      },
      size: { md: "h-9 px-3", sm: "h-8 px-2.5 text-[13px]", icon: "size-9" },
    },
    defaultVariants: { variant: "outline", size: "md" },
  },
);

export interface ButtonProps extends Omit<ComponentProps<"button">, "disabled">, VariantProps<typeof styles> {
  /** Why it cannot be pressed; shown on hover and told to screen readers. Without it the button is enabled. */
  readonly disabledReason?: string | null | undefined;
  /** Said of what asks core for a change; a double click on such a button is one press. */
  readonly isBusy?: boolean;
}

/** A button that is off says why. */
export function Button({ className, variant, size, disabledReason, isBusy, type, children, ...rest }: ButtonProps) {
  const isOff = Boolean(disabledReason);
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    // The second click of two comes before the screen knows that it is busy.
    if (isOff || (isBusy !== undefined && event.detail > 1)) event.preventDefault();
    else rest.onClick?.(event);
  };
  return (
    <button
      type={type ?? "button"}
      className={cn(styles({ variant, size }), isOff && "cursor-not-allowed opacity-55", className)}
      title={disabledReason ?? rest.title}
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      disabled={isBusy}
      {...rest}
      onClick={press}
    >
      {children}
      {isOff ? <span className="sr-only">({disabledReason})</span> : null}
    </button>
  );
}
