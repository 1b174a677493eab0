import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
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

/** An id that copies itself when it is pressed. */
export function CopyId({ id, shown }: { readonly id: string; readonly shown?: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(id);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  const Icon = isCopied ? Check : Copy;
  return (
    <button
      type="button"
      onClick={copy}
      title={`Copy ${id}`}
      className="inline-flex max-w-full items-center gap-1 rounded font-mono text-[12px] text-ink-soft hover:text-ink"
    >
      <span className="truncate">{shown ?? id}</span>
      <Icon aria-hidden="true" className="size-3 shrink-0" />
      <span aria-live="polite" className="sr-only">
        {isCopied ? "copied" : "copy"}
      </span>
    </button>
  );
}
