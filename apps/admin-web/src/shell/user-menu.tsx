import { Menu } from "@base-ui/react/menu";
import { Check, ChevronsUpDown, LogOut } from "lucide-react";
import { useState } from "react";
import { leave } from "./leave.ts";
import { useMe } from "./me.tsx";
import { applyTheme, storedTheme, type Theme, themes } from "./theme.ts";

const item =
  "flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left outline-none data-highlighted:bg-sunken capitalize";

/** Who is signed in, how the dashboard looks, and the way out. */
export function UserMenu() {
  const me = useMe();
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const choose = (wanted: Theme) => {
    applyTheme(wanted);
    setTheme(wanted);
  };
  return (
    <Menu.Root>
      <Menu.Trigger className="flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left hover:bg-sunken">
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
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="start" className="z-50">
          <Menu.Popup className="w-56 rounded-lg border border-line bg-surface p-1 shadow-raised outline-none">
            <p className="truncate px-2 py-1.5 text-[13px] text-ink-faint">{me.email}</p>
            {themes.map((name) => (
              <Menu.Item key={name} className={item} onClick={() => choose(name)} closeOnClick={false}>
                <Check aria-hidden="true" className={theme === name ? "size-4" : "size-4 opacity-0"} />
                {name}
                <span className="sr-only">theme{theme === name ? ", chosen" : ""}</span>
              </Menu.Item>
            ))}
            <hr className="my-1 border-line" />
            <Menu.Item className={item} onClick={leave}>
              <LogOut aria-hidden="true" className="size-4" />
              Sign out
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function initials(name: string): string {
  const parts = name.split(/\s+/).filter(Boolean);
  return `${parts[0]?.charAt(0) ?? ""}${parts.length > 1 ? (parts.at(-1)?.charAt(0) ?? "") : ""}`.toUpperCase();
}
