import { useCallback, useState } from "react";
import { z } from "zod";

/** By column: false means hidden. */
export type Hidden = Record<string, boolean>;

const schema = z.record(z.string(), z.boolean());

/** Which columns of a list this person does not want to see, remembered on this device. */
export function useHiddenColumns(list: string) {
  const key = `stoa.columns.${list}`;
  const [hidden, setState] = useState<Hidden>(() => stored(key));
  const setHidden = useCallback(
    (next: Hidden | ((old: Hidden) => Hidden)) =>
      setState((old) => {
        const value = typeof next === "function" ? next(old) : next;
        localStorage.setItem(key, JSON.stringify(value));
        return value;
      }),
    [key],
  );
  return { hidden, setHidden };
}

function stored(key: string): Hidden {
  try {
    return schema.parse(JSON.parse(localStorage.getItem(key) ?? "{}"));
  } catch {
    return {};
  }
}
