import { Boxes, Package, Receipt, ServerCog } from "lucide-react";
import { paths } from "../paths.ts";
import type { Me } from "./me.tsx";

/** The screens of the sidebar. `key` follows a `g`. */
export const screens = [
  { name: "Orders", path: paths.orders, icon: Receipt, key: "o", right: "orders:read" },
  { name: "Products", path: paths.products, icon: Package, key: "p", right: "catalog:read" },
  { name: "Stock", path: paths.stock, icon: Boxes, key: "i", right: "inventory:read" },
  { name: "System", path: paths.system, icon: ServerCog, key: "s", right: "system:read" },
] as const;

export type Screen = (typeof screens)[number];

/** Screens the member of staff may see. */
export function screensFor(me: Me): Screen[] {
  return screens.filter((screen) => me.rights.includes(screen.right));
}
