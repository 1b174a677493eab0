import { useBlocker } from "@tanstack/react-router";
import { Confirm } from "../ui/confirm.tsx";

/** Asks before unsaved changes are lost, on the way to another screen and when the tab is closed. */
export function LeaveGuard({ isDirty, what }: { readonly isDirty: boolean; readonly what: string }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  return (
    <Confirm
      isOpen={blocker.status === "blocked"}
      onClose={() => blocker.reset?.()}
      title="Leave without saving?"
      verb="Leave without saving"
      keep="Keep editing"
      isDestructive
      isBusy={false}
      onConfirm={() => blocker.proceed?.()}
    >
      <p className="text-ink-soft">Your changes to {what} have not been saved. They are lost when you leave.</p>
    </Confirm>
  );
}
