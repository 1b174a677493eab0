import { ChevronsUpDown } from "lucide-react";
import { useMe } from "./me.tsx";

export const whoStyle = "flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left hover:bg-sunken";

/** Who is signed in, as it stands on the button of their menu. */
export function Who() {
  const me = useMe();
  return (
    <>
      <span
        aria-hidden="true"
        className="grid size-7 shrink-0 place-items-center rounded-full bg-accent text-[12px] font-semibold text-accent-ink"
      >
        {initials(me.name)}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{me.name}</span>
        <span className="block truncate text-[12px] text-ink-faint">{me.roles.join(", ")}</span>
      </span>
      <ChevronsUpDown aria-hidden="true" className="size-4 text-ink-faint" />
    </>
  );
}

function initials(name: string): string {
  const parts = name.split(/\s+/).filter(Boolean);
  return `${parts[0]?.charAt(0) ?? ""}${parts.length > 1 ? (parts.at(-1)?.charAt(0) ?? "") : ""}`.toUpperCase();
}
