import { Dialog as Base } from "@base-ui/react/dialog";
import { Command } from "cmdk";
import { Search } from "lucide-react";
import { useState } from "react";
import { type Entry, entriesFor, keyOf, nameOf } from "./palette-entries.ts";
import { PaletteItem } from "./palette-item.tsx";
import type { Screen } from "./screens.ts";
import { useHits } from "./use-hits.ts";
import { useOpenEntry } from "./use-open-entry.ts";
import { useSelection } from "./use-selection.ts";

export interface PaletteProps {
  readonly screens: readonly Screen[];
  readonly onClose: () => void;
}

/** Everything in one place: what is typed is looked for among orders, products, screens and commands. */
export default function Palette({ screens, onClose }: PaletteProps) {
  return (
    <Base.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <Base.Popup
          aria-label="Find"
          className="fixed top-[10dvh] left-1/2 z-50 w-[min(36rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-surface shadow-raised"
        >
          <Finder screens={screens} onClose={onClose} />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

const groupStyle =
  "[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-[12px] [&_[cmdk-group-heading]]:text-ink-faint";

function Finder({ screens, onClose }: PaletteProps) {
  const [text, setText] = useState("");
  // People write a number as they read it on an invoice or in a mail.
  const words = text.trim().replace(/^#(?=\w)/, "");
  const { hits, isPending, hasFailed } = useHits(words, screens);
  const openEntry = useOpenEntry(words);
  const groups = entriesFor(words, screens, hits);
  const entries = groups.flatMap((group) => group.entries);
  const [first] = entries;
  const open = (entry: Entry) => {
    onClose();
    void openEntry(entry);
  };
  const { selected, select, startAnew, handlers } = useSelection({
    first: first ? keyOf(first) : null,
    // What core finds stands below a screen or a command that the words begin.
    isPending: isPending && (first === undefined || nameOf(first) === ""),
    open: (key) => {
      const entry = entries.find((candidate) => keyOf(candidate) === key);
      if (entry) open(entry);
    },
  });
  const type = (typed: string) => {
    startAnew();
    setText(typed);
  };
  return (
    <Command
      label="Find"
      shouldFilter={false}
      loop
      value={selected}
      onValueChange={select}
      onKeyDownCapture={handlers.onKeyDownCapture}
    >
      <FinderInput text={text} onType={type} />
      <Command.List onPointerMove={handlers.onPointerMove} className="max-h-[60dvh] overflow-y-auto p-1.5">
        {isPending && hits.orders.length + hits.products.length === 0 ? <Note>Searching…</Note> : null}
        {hasFailed ? <Note>Orders and products cannot be searched just now.</Note> : null}
        <Command.Empty className="px-3 py-8 text-center text-ink-soft">Nothing found.</Command.Empty>
        {groups.map(({ heading, entries: lines }) => (
          <Command.Group key={heading} heading={heading} className={groupStyle}>
            {lines.map((entry) => (
              <PaletteItem key={keyOf(entry)} entry={entry} words={words} onSelect={() => open(entry)} />
            ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command>
  );
}

function FinderInput({ text, onType }: { readonly text: string; readonly onType: (text: string) => void }) {
  return (
    <div className="flex items-center gap-3 border-b border-line px-4">
      <Search aria-hidden="true" className="size-4 text-ink-faint" />
      <Command.Input
        autoFocus
        value={text}
        onValueChange={onType}
        maxLength={100}
        placeholder="Order number, e-mail, product, SKU, screen…"
        className="h-12 w-full bg-transparent outline-none placeholder:text-ink-faint"
      />
      <kbd className="rounded border border-line px-1 font-mono text-[11px] text-ink-faint">esc</kbd>
    </div>
  );
}

function Note({ children }: { readonly children: string }) {
  return (
    <p role="status" className="px-3 py-2 text-[13px] text-ink-soft">
      {children}
    </p>
  );
}
