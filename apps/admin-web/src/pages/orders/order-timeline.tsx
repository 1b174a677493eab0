import { inWords } from "../../format.ts";
import { Card } from "../../ui/card.tsx";
import { cn } from "../../ui/cn.ts";
import { Ago } from "../../ui/data.tsx";
import type { Order } from "./order.ts";

const BAD = new Set(["refused", "payment_failed", "cancelled", "payment_disputed", "dispute_lost"]);

/** Everything that happened to the order, newest first. */
export function OrderTimeline({ order }: { readonly order: Order }) {
  const entries = order.timeline.map((entry, index) => ({ ...entry, key: index })).reverse();
  return (
    <Card title="Timeline">
      <ol className="grid gap-3">
        {entries.map(({ key, at, type, detail }) => (
          <li key={key} className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
            <span
              aria-hidden="true"
              className={cn("mt-1.5 size-2 rounded-full", BAD.has(type) ? "bg-bad" : "bg-accent")}
            />
            <div>
              <p className="font-medium">{inWords(type)}</p>
              {detail ? <p className="text-[13px] [overflow-wrap:anywhere] text-ink-soft">{detail}</p> : null}
              <p className="text-[13px] text-ink-faint">
                <Ago at={at} />
              </p>
            </div>
          </li>
        ))}
      </ol>
    </Card>
  );
}
