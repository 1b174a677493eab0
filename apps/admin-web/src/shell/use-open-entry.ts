import { useNavigate } from "@tanstack/react-router";
import { leave } from "./leave.ts";
import type { Entry } from "./palette-entries.ts";
import { applyTheme } from "./theme.ts";

/** Does what a line of the palette says; a list is opened searched for the words. */
export function useOpenEntry(words: string): (entry: Entry) => unknown {
  const navigate = useNavigate();
  return (entry) => {
    switch (entry.kind) {
      case "order":
        return navigate({ to: "/orders/$orderId", params: { orderId: entry.order.id } });
      case "product":
        return navigate({ to: "/products/$productId", params: { productId: entry.product.id } });
      case "list":
        return navigate({ to: entry.screen.path, search: { q: words } });
      case "screen":
        return navigate({ to: entry.screen.path });
      case "theme":
        return applyTheme(entry.theme);
      case "sign_out":
        return leave();
    }
  };
}
