/** Every address of the dashboard's screens, in one place. */
export const paths = {
  signIn: "/sign-in",
  security: "/security",
  orders: "/orders",
  disputes: "/disputes",
  products: "/products",
  stock: "/stock",
  fields: "/settings/fields",
  staff: "/staff",
  system: "/system",
} as const;

/** Where to go after signing in: only ever a screen of this dashboard. */
export function safeTarget(wanted: unknown): string {
  const isLocal = typeof wanted === "string" && /^\/(?![/\\])/.test(wanted) && !wanted.startsWith(paths.signIn);
  return isLocal ? wanted : "/";
}
