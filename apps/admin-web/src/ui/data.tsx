import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { formatAgo, formatInstant, formatMoney, type Moment, type Money } from "../format.ts";
import { cn } from "./cn.ts";

const TICK_MS = 30_000;

/** How long ago; the exact time on hover. */
export function Ago({ at }: { readonly at: Moment }) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={new Date(at).toISOString()} title={formatInstant(at)} className="whitespace-nowrap">
      {formatAgo(at, nowMs)}
    </time>
  );
}

export function Amount({ value, className }: { readonly value: Money; readonly className?: string }) {
  return <span className={cn("whitespace-nowrap tabular-nums", className)}>{formatMoney(value)}</span>;
}

const SHOWN_MS = 1_500;

/** An id that copies itself when it is pressed; words, such as an e-mail address, in the letters of a text. */
export function CopyId({ id, isWords }: { readonly id: string; readonly isWords?: boolean }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(id);
      setCopied(true);
      setTimeout(() => setCopied(false), SHOWN_MS);
    } catch {
      // Browsers keep the clipboard from pages that are not reached over TLS.
      toast.error("The browser does not let this page copy. Select the text instead.");
    }
  };
  const Icon = isCopied ? Check : Copy;
  return (
    <button
      type="button"
      onClick={copy}
      title={`Copy ${id}`}
      className={cn(
        "inline-flex max-w-full items-center gap-1 rounded text-left text-ink-soft select-text hover:text-ink",
        isWords ? "" : "font-mono text-[12px]",
      )}
    >
      <span className="min-w-0 [overflow-wrap:anywhere]">{id}</span>
      <Icon aria-hidden="true" className="size-3 shrink-0" />
      <span aria-live="polite" className="sr-only">
        {isCopied ? "copied" : "copy"}
      </span>
    </button>
  );
}
