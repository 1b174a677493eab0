import { Search, X } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";

const PAUSE_MS = 250;

export interface SearchBoxProps {
  readonly label: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
}

/** What is typed, told when the typing pauses; follows the address when that changes by other means. */
function useTyped({ value, onSearch }: Pick<SearchBoxProps, "value" | "onSearch">) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  const tell = (next: string) => {
    if (next.trim() === told.current) return;
    told.current = next.trim();
    onSearch(told.current);
  };
  useEffect(() => {
    // The address has changed by other means: the way back, "Clear filters".
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    const timer = setTimeout(() => tell(text), PAUSE_MS);
    return () => clearTimeout(timer);
  });
  return { text, setText, tell };
}

/** `/` jumps into it from anywhere where nothing is being typed. */
function useSlash(input: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.closest("input, textarea, select");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [input]);
}

/** Searches when the typing pauses, or at once on Enter. `/` jumps into it. */
export function SearchBox({ label, value, onSearch }: SearchBoxProps) {
  const { text, setText, tell } = useTyped({ value, onSearch });
  const input = useRef<HTMLInputElement>(null);
  useSlash(input);
  const clear = () => {
    setText("");
    tell("");
    input.current?.focus();
  };
  return (
    <search className="relative block w-full sm:w-80">
      <Search aria-hidden="true" className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-ink-faint" />
      <input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        maxLength={100}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") tell(text);
          if (event.key === "Escape") clear();
        }}
        className="h-9 w-full rounded-md border border-line-strong/60 bg-surface pr-8 pl-8 placeholder:text-ink-faint [&::-webkit-search-cancel-button]:hidden"
      />
      {text ? (
        <button
          type="button"
          onClick={clear}
          aria-label="Clear search"
          className="absolute top-2 right-2 rounded p-0.5 text-ink-soft hover:text-ink"
        >
          <X aria-hidden="true" className="size-4" />
        </button>
      ) : null}
    </search>
  );
}
