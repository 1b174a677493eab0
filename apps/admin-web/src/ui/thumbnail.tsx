import { ImageOff } from "lucide-react";
import { useState } from "react";
import { cn } from "./cn.ts";

/** A picture of a product beside its name, so it says nothing to a screen reader that the name does not. */
export function Thumbnail({ url, className }: { readonly url: string | null; readonly className?: string }) {
  const [broken, setBroken] = useState<string | null>(null);
  const box = cn("size-10 shrink-0 rounded-md border border-line bg-sunken", className);
  if (url === null || url === broken) {
    return (
      <span className={cn(box, "grid place-items-center text-ink-faint")}>
        <ImageOff aria-hidden="true" className="size-4" strokeWidth={1.5} />
      </span>
    );
  }
  return <img src={url} alt="" loading="lazy" onError={() => setBroken(url)} className={cn(box, "object-cover")} />;
}
