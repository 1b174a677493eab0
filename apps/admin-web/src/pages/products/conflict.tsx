import { inWords } from "../../format.ts";
import { Button } from "../../ui/button.tsx";
import { type Basics, differences } from "./product.ts";

export interface ConflictProps {
  readonly mine: Basics;
  readonly theirs: Basics;
  readonly onTakeTheirs: () => void;
  readonly onSaveMine: () => void;
  readonly isBusy: boolean;
}

/** Somebody else was faster: both versions, and the choice between them. */
export function Conflict({ mine, theirs, onTakeTheirs, onSaveMine, isBusy }: ConflictProps) {
  const rows = differences(mine, theirs);
  return (
    <div role="alert" className="grid gap-3 rounded-md border border-warn/40 bg-warn-soft p-3">
      <p className="font-medium text-warn">Somebody else has changed this product while you were editing.</p>
      {rows.length === 0 ? (
        <p>Their changes are not among these fields, so both fit together.</p>
      ) : (
        <div className="grid gap-3">
          {rows.map(({ field, mine: own, theirs: other }) => (
            <dl key={field} className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
              <div>
                <dt className="text-[13px] text-ink-soft">{inWords(field)}, theirs</dt>
                <dd className="line-clamp-4 break-words">{other || "(empty)"}</dd>
              </div>
              <div>
                <dt className="text-[13px] text-ink-soft">{inWords(field)}, yours</dt>
                <dd className="line-clamp-4 break-words">{own || "(empty)"}</dd>
              </div>
            </dl>
          ))}
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={onTakeTheirs}>
          Take theirs
        </Button>
        <Button size="sm" variant="primary" isBusy={isBusy} onClick={onSaveMine}>
          Save mine over it
        </Button>
      </div>
    </div>
  );
}
