import { Radio, WifiOff } from "lucide-react";
import type { Connection } from "./order-changes.ts";

/** Whether what is seen here is what is true now. */
export function LiveMark({ connection }: { readonly connection: Connection }) {
  const isLive = connection === "live";
  const Icon = isLive ? Radio : WifiOff;
  return (
    <p
      role="status"
      title={isLive ? "Changes appear here by themselves" : "Trying to connect again; what you see may be out of date"}
      className={`flex items-center gap-1.5 text-[13px] ${isLive ? "text-ink-faint" : "text-warn"}`}
    >
      <Icon aria-hidden="true" className="size-4" />
      {isLive ? "Live" : "Connection lost"}
    </p>
  );
}
