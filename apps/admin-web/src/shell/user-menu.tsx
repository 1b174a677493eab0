import { Menu } from "@base-ui/react/menu";
import { Link } from "@tanstack/react-router";
import { Check, LogOut, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { inWords } from "../format.ts";
import { paths } from "../paths.ts";
import { leave } from "./leave.ts";
import { useMe } from "./me.tsx";
import { applyTheme, storedTheme, type Theme, themes } from "./theme.ts";
import { Who, whoStyle } from "./who.tsx";

const item = "flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left outline-none data-highlighted:bg-sunken";

/** Who is signed in, how the dashboard looks, and the way out. */
export default function UserMenu() {
  const me = useMe();
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const choose = (wanted: Theme) => {
    applyTheme(wanted);
    setTheme(wanted);
  };
  return (
    <Menu.Root>
      <Menu.Trigger className={whoStyle}>
        <Who />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="start" className="z-50">
          <Menu.Popup className="w-56 rounded-lg border border-line bg-surface p-1 shadow-raised outline-none">
            <p className="truncate px-2 py-1.5 text-[13px] text-ink-faint">{me.email}</p>
            <Menu.Group>
              <Menu.GroupLabel className="px-2 pt-1 pb-0.5 text-[12px] text-ink-faint">Theme</Menu.GroupLabel>
              <Menu.RadioGroup value={theme} onValueChange={choose}>
                {themes.map((name) => (
                  <Menu.RadioItem key={name} value={name} className={item} closeOnClick={false}>
                    <Check aria-hidden="true" className={theme === name ? "size-4" : "size-4 opacity-0"} />
                    {inWords(name)}
                  </Menu.RadioItem>
                ))}
              </Menu.RadioGroup>
            </Menu.Group>
            <hr className="my-1 border-line" />
            <Menu.Item className={item} render={<Link to={paths.security} />}>
              <ShieldCheck aria-hidden="true" className="size-4" />
              Security
            </Menu.Item>
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
