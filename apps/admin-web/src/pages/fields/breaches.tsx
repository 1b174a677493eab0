import { counted } from "../../format.ts";
import type { Outputs } from "../../trpc.ts";
import { Button } from "../../ui/button.tsx";

export interface BreachesProps {
  readonly breaches: Outputs["customFields"]["preview"];
  readonly onAccept: () => void;
  readonly isBusy: boolean;
}

const SHOWN_MAX = 8;

/** Values that would no longer fit, before anything is saved. */
export function Breaches({ breaches: { total, held, items }, onAccept, isBusy }: BreachesProps) {
  return (
    <div role="alert" className="grid gap-2 rounded-md border border-warn/40 bg-warn-soft p-3">
      <p className="font-medium text-warn">
        {counted(total, "value")} of {held} would not fit any more.
      </p>
      <ul className="grid gap-1 text-[13px]">
        {items.slice(0, SHOWN_MAX).map(({ id, name, message }) => (
          <li key={`${id} ${name}`} className="break-words">
            <b className="font-medium">{name}</b> {message}
          </li>
        ))}
        {total > SHOWN_MAX ? <li className="text-ink-soft">and {total - SHOWN_MAX} more</li> : null}
      </ul>
      <p className="text-[13px]">They stay and are shown as they are, and have to fit when they are changed next.</p>
      <Button size="sm" className="justify-self-start" isBusy={isBusy} onClick={onAccept}>
        Save all the same
      </Button>
    </div>
  );
}
