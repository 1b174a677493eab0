import { Command } from "cmdk";
import { Children, type ReactNode } from "react";

export const itemStyle =
  "flex cursor-pointer items-center gap-3 rounded-md px-3 py-2 text-ink data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent";

const groupStyle =
  "[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-[12px] [&_[cmdk-group-heading]]:text-ink-faint";

/** Entries of one kind in the palette; without any it is not there. */
export function Group({ heading, children }: { readonly heading: string; readonly children: ReactNode }) {
  if (Children.toArray(children).length === 0) return null;
  return (
    <Command.Group heading={heading} className={groupStyle}>
      {children}
    </Command.Group>
  );
}
