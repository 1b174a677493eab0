import { type KeyboardEvent, useEffect, useRef, useState } from "react";

const MOVING_KEYS = new Set(["ArrowUp", "ArrowDown", "Home", "End"]);

export interface Choices {
  /** The line that is most likely meant; null while there is none. */
  readonly first: string | null;
  /** Whether it may still become another one. */
  readonly isPending: boolean;
  readonly open: (key: string) => void;
}

/**
 * Which line of the palette is selected: the first one, also when it arrives late, until somebody moves to another; that one stays theirs.
 * Enter on a first line that may still change waits until it cannot.
 */
export function useSelection({ first, isPending, open }: Choices) {
  const [selected, select] = useState("");
  const isMoved = useRef(false);
  const opensFirst = useRef(false);
  useEffect(() => {
    if (!isMoved.current) select(first ?? "");
    if (!opensFirst.current || isPending) return;
    opensFirst.current = false;
    if (first !== null) open(first);
  }, [first, isPending, open]);
  const onKeyDownCapture = (event: KeyboardEvent) => {
    if (MOVING_KEYS.has(event.key)) {
      isMoved.current = true;
      opensFirst.current = false;
    }
    if (event.key !== "Enter" || !isPending || isMoved.current) return;
    event.preventDefault();
    event.stopPropagation();
    opensFirst.current = true;
  };
  return {
    selected,
    select,
    /** Has to be called when other words are typed. */
    startAnew: () => {
      isMoved.current = false;
      opensFirst.current = false;
      select(first ?? "");
    },
    handlers: {
      onKeyDownCapture,
      onPointerMove: () => {
        isMoved.current = true;
      },
    },
  };
}
