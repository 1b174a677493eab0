import { Command } from "cmdk";
import type { ReactNode } from "react";

export const itemStyle =
  "flex cursor-pointer items-center gap-3 rounded-md px-3 py-2 text-ink data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent";

const groupStyle =
  "[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-[12px] [&_[cmdk-group-heading]]:text-ink-faint";

/** Entries of one kind in the palette. */
export function Group({ heading, children }: { readonly heading: string; readonly children: ReactNode }) {
  return (
    <Command.Group heading={heading} className={groupStyle}>
      {children}
    </Command.Group>
  );
}
