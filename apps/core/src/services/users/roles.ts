import { type Right, rights } from "../../platform/rpc/index.ts";

const OWNER = "owner";

/** The roles a new shop has. Staff may be given several; each holds the rights named here. */
export const defaultRoles: Readonly<Record<string, readonly Right[]>> = {
  [OWNER]: rights,
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

/** As it is stored, by an earlier release perhaps; without a name and rights where somebody has no role. */
interface StoredRole {
  readonly role: string | null;
  readonly rights: readonly string[] | null;
}

/** What roles give: stored rights that this release knows, to an owner all of them. One that was removed gives nothing. */
export function rightsOf(roles: readonly StoredRole[]): Right[] {
  if (roles.some(({ role }) => role === OWNER)) return [...rights];
  return roles.flatMap((one) => one.rights ?? []).filter((right): right is Right => known.has(right));
}
