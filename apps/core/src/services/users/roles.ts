import { type Right, rights } from "../../platform/rpc/index.ts";

/** The roles a new shop has. Staff may be given several; each holds the rights named here. */
export const defaultRoles: Readonly<Record<string, readonly Right[]>> = {
  owner: rights,
  manager: rights.filter((right) => right !== "staff:write" && right !== "system:write" && right !== "settings:write"),
  support: [
    "orders:read",
    "orders:write",
    "customers:read",
    "customers:write",
    "catalog:read",
    "inventory:read",
    "payments:read",
  ],
  warehouse: ["orders:read", "catalog:read", "inventory:read", "inventory:write"],
};

const known: ReadonlySet<string> = new Set(rights);

/** Stored rights that this release knows; one that was removed gives nothing. */
export function asRights(stored: readonly string[]): Right[] {
  return stored.filter((right): right is Right => known.has(right));
}
