import { useEffect } from "react";

/** Names the browser's tab, so that ten open orders can be told apart. */
export function PageTitle({ children }: { readonly children: string }) {
  useEffect(() => {
    document.title = `${children} · Stoa`;
  }, [children]);
  return null;
}
