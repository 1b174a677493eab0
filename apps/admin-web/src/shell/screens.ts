import { Boxes, ListPlus, Package, Receipt, ServerCog, ShieldAlert, Users } from "lucide-react";
import { paths } from "../paths.ts";
import type { Me } from "./me.tsx";

/** The screens of the sidebar; `short` is their name at the bottom of a phone, `key` follows a `g`. */
export const screens = [
  {
    name: "Orders",
    short: "Orders",
    path: paths.orders,
    icon: Receipt,
    key: "o",
    right: "orders:read",
    isSearchable: true,
  },
  {
    name: "Disputes",
    short: "Disputes",
    path: paths.disputes,
    icon: ShieldAlert,
    key: "d",
    right: "payments:read",
    isSearchable: false,
  },
  {
    name: "Products",
    short: "Products",
    path: paths.products,
    icon: Package,
    key: "p",
    right: "catalog:read",
    isSearchable: true,
  },
  {
    name: "Stock",
    short: "Stock",
    path: paths.stock,
    icon: Boxes,
    key: "i",
    right: "inventory:read",
    isSearchable: true,
  },
  {
    name: "Custom fields",
    short: "Fields",
    path: paths.fields,
    icon: ListPlus,
    key: "f",
    right: "settings:read",
    isSearchable: false,
  },
  {
    name: "Staff",
    short: "Staff",
    path: paths.staff,
    icon: Users,
    key: "u",
    right: "staff:read",
    isSearchable: false,
  },
  {
    name: "System",
    short: "System",
    path: paths.system,
    icon: ServerCog,
    key: "s",
    right: "system:read",
    isSearchable: false,
  },
] as const;

export type Screen = (typeof screens)[number];

/** Screens the member of staff may see. */
export function screensFor(me: Me): Screen[] {
  return screens.filter((screen) => me.rights.includes(screen.right));
}
