import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

export interface ConfirmProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Names the thing: "Cancel order 1042?" */
  readonly title: string;
  /** What will happen, before it does. */
  readonly children: ReactNode;
  /** The verb and its noun: "Cancel the order". */
  readonly verb: string;
  readonly keep?: string;
  readonly isDestructive?: boolean;
  readonly isBusy: boolean;
  readonly onConfirm: () => void;
}

/** Asks before something that cannot be undone, with what it will do to money and stock. */
export function Confirm(props: ConfirmProps) {
  const { isOpen, onClose, title, children, verb, keep = "Keep it", isDestructive, isBusy, onConfirm } = props;
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={title}>
      <div className="grid gap-3">{children}</div>
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{keep}</Button>
        <Button variant={isDestructive ? "destroy" : "primary"} isBusy={isBusy} onClick={onConfirm}>
          {isBusy ? "Working…" : verb}
        </Button>
      </div>
    </Dialog>
  );
}
