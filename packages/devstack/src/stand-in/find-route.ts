/** An endpoint of a vendor's API: the method and the path, in which `:id` stands for the object. */
interface RoutePattern {
  readonly method: string;
  readonly path: string;
}

/** The first of these routes that fits the request, with the id in its path; null when none does. */
export function findRoute<Route extends RoutePattern>(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly id: string } | null {
  const segments = path.split("/");
  for (const route of routes) {
    const pattern = route.path.split("/");
    if (route.method !== method || pattern.length !== segments.length) continue;
    if (pattern.every((part, index) => part === ":id" || part === segments[index])) {
      return { route, id: segments[pattern.indexOf(":id")] ?? "" };
    }
  }
  return null;
}
