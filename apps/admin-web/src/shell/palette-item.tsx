import { Command } from "cmdk";
import { ListFilter, LogOut, Moon, Package, Receipt } from "lucide-react";
import { inWords } from "../format.ts";
import { Amount } from "../ui/data.tsx";
import { type Entry, keyOf, nameOf } from "./palette-entries.ts";

export interface PaletteItemProps {
  readonly entry: Entry;
  readonly words: string;
  readonly onSelect: () => void;
}

export function PaletteItem({ entry, words, onSelect }: PaletteItemProps) {
  return (
    <Command.Item
      value={keyOf(entry)}
      onSelect={onSelect}
      className="flex cursor-pointer items-center gap-3 rounded-md px-3 py-2 text-ink data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent"
    >
      <Line entry={entry} words={words} />
    </Command.Item>
  );
}

const icon = { "aria-hidden": true, className: "size-4 shrink-0" } as const;
const aside = "ml-auto shrink-0 text-[13px] text-ink-soft";

function Line({ entry, words }: Omit<PaletteItemProps, "onSelect">) {
  switch (entry.kind) {
    case "order":
      return (
        <>
          <Receipt {...icon} />
          <span className="font-medium">{entry.order.number}</span>
          <span className="truncate text-ink-soft">{entry.order.email}</span>
          <span className={aside}>
            <span className="mr-3 max-sm:hidden">{inWords(entry.order.state)}</span>
            <Amount value={entry.order.totals.total} />
          </span>
        </>
      );
    case "product":
      return (
        <>
          <Package {...icon} />
          <span className="truncate font-medium">{entry.product.title}</span>
          <span className={aside}>{inWords(entry.product.status)}</span>
        </>
      );
    case "list":
      return (
        <>
          <ListFilter {...icon} />
          <span className="truncate">
            All in {entry.screen.name} for “{words}”
          </span>
        </>
      );
    case "screen": {
      const Icon = entry.screen.icon;
      return (
        <>
          <Icon {...icon} />
          {entry.screen.name}
          <kbd className="ml-auto font-mono text-[11px] text-ink-faint">g {entry.screen.key}</kbd>
        </>
      );
    }
    case "theme":
    case "sign_out": {
      const Icon = entry.kind === "theme" ? Moon : LogOut;
      return (
        <>
          <Icon {...icon} />
          {nameOf(entry)}
        </>
      );
    }
  }
}
