import { Dialog as Base } from "@base-ui/react/dialog";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { LogOut, Moon, Search } from "lucide-react";
import { useState } from "react";
import { leave } from "./leave.ts";
import { Group, itemStyle } from "./palette-group.tsx";
import { PaletteHits } from "./palette-hits.tsx";
import type { Screen } from "./screens.ts";
import { applyTheme, themes } from "./theme.ts";

export interface PaletteProps {
  readonly screens: readonly Screen[];
  readonly onClose: () => void;
}

/** Everything in one place: what is typed is looked for among orders, products, screens and commands. */
export default function Palette({ screens, onClose }: PaletteProps) {
  const [text, setText] = useState("");
  const navigate = useNavigate();
  const words = text.trim();
  const pick = (act: () => unknown) => () => {
    onClose();
    void act();
  };
  const matches = (...names: string[]) => names.some((name) => name.toLowerCase().includes(words.toLowerCase()));
  return (
    <Base.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <Base.Popup
          aria-label="Find"
          className="fixed top-[10dvh] left-1/2 z-50 w-[min(36rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-surface shadow-raised"
        >
          <Command label="Find" shouldFilter={false} loop>
            <div className="flex items-center gap-3 border-b border-line px-4">
              <Search aria-hidden="true" className="size-4 text-ink-faint" />
              <Command.Input
                autoFocus
                value={text}
                onValueChange={setText}
                maxLength={100}
                placeholder="Order number, e-mail, product, SKU, screen…"
                className="h-12 w-full bg-transparent outline-none placeholder:text-ink-faint"
              />
              <kbd className="rounded border border-line px-1 font-mono text-[11px] text-ink-faint">esc</kbd>
            </div>
            <Command.List className="max-h-[60dvh] overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-8 text-center text-ink-soft">Nothing found.</Command.Empty>
              {words ? <PaletteHits words={words} screens={screens} pick={pick} /> : null}
              <Group heading="Screens">
                {screens
                  .filter(({ name }) => matches(name))
                  .map(({ name, path, icon: Icon, key }) => (
                    <Command.Item
                      key={path}
                      value={`screen ${name}`}
                      className={itemStyle}
                      onSelect={pick(() => navigate({ to: path }))}
                    >
                      <Icon aria-hidden="true" className="size-4" />
                      {name}
                      <kbd className="ml-auto font-mono text-[11px] text-ink-faint">g {key}</kbd>
                    </Command.Item>
                  ))}
              </Group>
              <Group heading="Commands">
                {themes
                  .filter((theme) => matches(`Theme: ${theme}`))
                  .map((theme) => (
                    <Command.Item
                      key={theme}
                      value={`theme ${theme}`}
                      className={itemStyle}
                      onSelect={pick(() => applyTheme(theme))}
                    >
                      <Moon aria-hidden="true" className="size-4" />
                      Theme: {theme}
                    </Command.Item>
                  ))}
                {matches("Sign out") ? (
                  <Command.Item value="sign out" className={itemStyle} onSelect={pick(leave)}>
                    <LogOut aria-hidden="true" className="size-4" />
                    Sign out
                  </Command.Item>
                ) : null}
              </Group>
            </Command.List>
          </Command>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
