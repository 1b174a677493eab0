import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { Dialog } from "../ui/dialog.tsx";
import type { Screen } from "./screens.ts";

const SEQUENCE_MS = 1_200;

/** What the key beside the space bar is called where the member of staff sits. */
export const modifier = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl ";

export interface ShortcutActions {
  readonly screens: readonly Screen[];
  readonly openPalette: () => void;
  readonly openHelp: () => void;
}

/** ⌘K, `?`, and `g` followed by a screen's letter. Silent while somebody types. */
export function useShortcuts({ screens, openPalette, openHelp }: ShortcutActions): void {
  const navigate = useNavigate();
  useEffect(() => {
    let wentAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        return openPalette();
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "?") return openHelp();
      if (event.key === "g") {
        wentAt = event.timeStamp;
        return;
      }
      const screen = screens.find((candidate) => candidate.key === event.key);
      if (screen && event.timeStamp - wentAt < SEQUENCE_MS) navigate({ to: screen.path });
      wentAt = 0;
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [screens, openPalette, openHelp, navigate]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
  );
}

export interface ShortcutHelpProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly screens: readonly Screen[];
}

export function ShortcutHelp({ isOpen, onClose, screens }: ShortcutHelpProps) {
  const rows: readonly (readonly [keys: string, what: string])[] = [
    [`${modifier.trim()} K`, "Find orders, products, screens and commands"],
    ...screens.map((screen) => [`g ${screen.key}`, `Go to ${screen.name}`] as const),
    ["?", "This list"],
  ];
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Shortcuts">
      <dl className="grid gap-2">
        {rows.map(([keys, what]) => (
          <div key={keys} className="flex items-center justify-between gap-4">
            <dt className="order-2 whitespace-nowrap">
              <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 font-mono text-[12px]">{keys}</kbd>
            </dt>
            <dd className="text-ink-soft">{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
