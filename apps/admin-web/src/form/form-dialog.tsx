import { useEffect, useState } from "react";
import { Confirm } from "../ui/confirm.tsx";
import { Dialog, type DialogProps } from "../ui/dialog.tsx";

/** A dialog with something to write in it: what has been written is not lost by a key, or by a click beside it. */
export function FormDialog({ isOpen, onClose, children, ...rest }: DialogProps) {
  const [isWritten, setWritten] = useState(false);
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    if (isOpen) return;
    setWritten(false);
    setAsking(false);
  }, [isOpen]);
  return (
    <Dialog
      {...rest}
      isOpen={isOpen}
      onClose={() => (isWritten ? setAsking(true) : onClose())}
      onInput={() => setWritten(true)}
    >
      {children}
      <Confirm
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title="Close without saving?"
        verb="Close without saving"
        keep="Keep editing"
        isDestructive
        isBusy={false}
        onConfirm={onClose}
      >
        <p className="text-ink-soft">What you have written here is lost.</p>
      </Confirm>
    </Dialog>
  );
}
