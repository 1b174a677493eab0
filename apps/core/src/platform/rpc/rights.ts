/** What staff may be allowed to do: `resource:action`. Roles are sets of these; the server decides, screens only hide. */
export const rights = [
  "audit:read",
  "catalog:read",
  "catalog:write",
  "customers:read",
  "customers:write",
  "inventory:read",
  "inventory:write",
  "orders:price",
  "orders:read",
  "orders:write",
  "payments:read",
  "payments:refund",
  "promotions:read",
  "promotions:write",
  "settings:read",
  "settings:write",
  "staff:read",
  "staff:write",
  "system:read",
  "system:write",
] as const;

export type Right = (typeof rights)[number];
