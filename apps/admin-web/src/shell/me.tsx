import { createContext, type ReactNode, useContext } from "react";
import type { Outputs } from "../trpc.ts";

export type Me = Outputs["users"]["staffMe"];

const MeContext = createContext<Me | null>(null);

export function MeProvider({ me, children }: { readonly me: Me; readonly children: ReactNode }) {
  return <MeContext value={me}>{children}</MeContext>;
}

export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("no member of staff is signed in here");
  return me;
}

/** Null when the right is held, else the reason why an action is off. The server decides all the same. */
export function useRefusal(right: Me["rights"][number]): string | null {
  return useMe().rights.includes(right) ? null : `Your role lacks the right ${right}`;
}
