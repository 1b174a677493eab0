import type { ReactNode } from "react";
import { cn } from "./cn.ts";

export type Tone = "neutral" | "good" | "warn" | "bad" | "info";

const tones: Readonly<Record<Tone, string>> = {
  neutral: "bg-sunken text-ink-soft border-line",
  good: "bg-good-soft text-good border-good/25",
  warn: "bg-warn-soft text-warn border-warn/25",
  bad: "bg-bad-soft text-bad border-bad/25",
  info: "bg-info-soft text-info border-info/25",
};

/** A state in one or two words; its colour never says more than its words. */
export function Badge({ tone = "neutral", children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1 rounded-full border px-2 py-0.5 text-xs font-medium whitespace-nowrap",
        tones[tone],
      )}
    >
      {children}
    </span>
  );
}
