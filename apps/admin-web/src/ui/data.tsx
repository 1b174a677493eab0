import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { formatAgo, formatInstant, formatMoney, type Money } from "../format.ts";

/** How long ago; the exact time on hover and to screen readers. */
export function Ago({ at }: { readonly at: string }) {
  const exact = formatInstant(at);
  return (
    <time dateTime={at} title={exact} className="whitespace-nowrap">
      {formatAgo(at, Date.now())}
    </time>
  );
}

export function Amount({ value }: { readonly value: Money }) {
  return <span className="whitespace-nowrap tabular-nums">{formatMoney(value)}</span>;
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
      <span className="sr-only">{isCopied ? "copied" : "copy"}</span>
    </button>
  );
}
