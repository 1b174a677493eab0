import { Button } from "../ui/button.tsx";

export interface SaveBarProps {
  readonly isDirty: boolean;
  readonly isSaving: boolean;
  /** Why it cannot be saved by whoever is signed in; null when it can. */
  readonly refusal: string | null;
  /** "Save", and what, where more than one thing can be saved on the page. */
  readonly verb: string;
  readonly onDiscard: () => void;
}

/** The end of a form on a page: whether there is something to save, and the two things that can be done with it. */
export function SaveBar({ isDirty, isSaving, refusal, verb, onDiscard }: SaveBarProps) {
  const unchanged = isDirty ? null : "Nothing has been changed";
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      {isDirty ? <span className="mr-auto text-[13px] text-warn">Unsaved changes</span> : null}
      <Button disabledReason={unchanged} onClick={onDiscard}>
        Discard
      </Button>
      <Button type="submit" variant="primary" isBusy={isSaving} disabledReason={refusal ?? unchanged}>
        {isSaving ? "Saving…" : verb}
      </Button>
    </div>
  );
}
