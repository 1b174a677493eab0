import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";

export interface DialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly children: ReactNode;
  /** `drawer` slides in at the side for small edits; `dialog` stands in the middle for a decision. */
  readonly kind?: "dialog" | "drawer";
  /** Something has been written in it. */
  readonly onInput?: () => void;
}

const shapes = {
  dialog:
    "left-1/2 top-1/2 w-[min(30rem,calc(100vw-2rem))] max-h-[calc(100dvh-2rem)] -translate-x-1/2 -translate-y-1/2 rounded-xl",
  drawer: "right-0 top-0 h-dvh w-[min(28rem,100vw)] border-l",
} as const;

/** Traps the focus while it is open and gives it back when it closes. */
export function Dialog({ isOpen, onClose, title, description, children, kind = "dialog", onInput }: DialogProps) {
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => (open ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <Base.Popup
          onInput={onInput}
          className={cn("fixed z-50 overflow-y-auto border-line bg-surface p-5 shadow-raised", shapes[kind])}
        >
          <div className="mb-4 flex items-start justify-between gap-4">
            <div>
              <Base.Title className="text-lg font-semibold [overflow-wrap:anywhere]">{title}</Base.Title>
              {description ? (
                <Base.Description render={<div />} className="mt-1 text-ink-soft">
                  {description}
                </Base.Description>
              ) : null}
            </div>
            <Base.Close aria-label="Close" className="-m-1 rounded-md p-1 text-ink-soft hover:bg-sunken hover:text-ink">
              <X aria-hidden="true" className="size-5" />
            </Base.Close>
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
