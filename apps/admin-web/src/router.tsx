import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { z } from "zod";
import { adoptLocale } from "./format.ts";
import { fieldsSearchSchema } from "./pages/fields/fields-search.ts";
import { ordersInput, ordersSearchSchema } from "./pages/orders/orders-search.ts";
import { productsInput, productsSearchSchema } from "./pages/products/products-search.ts";
import { stockInput, stockSearchSchema } from "./pages/stock/stock-search.ts";
import { paths, safeTarget } from "./paths.ts";
import { problemOf } from "./problems.ts";
import { AddressMissing, AppPending, MissingRight, ScreenFailed, ScreenPending } from "./shell/failures.tsx";
import type { Me } from "./shell/me.tsx";
import { screensFor } from "./shell/screens.ts";
import { ShellLayout } from "./shell/shell-layout.tsx";
import type { Trpc } from "./trpc.ts";

export interface RouterContext {
  readonly queries: QueryClient;
  readonly trpc: Trpc;
}

const SESSION_FRESH_MS = 60_000;

const root = createRootRouteWithContext<RouterContext>()({ component: Outlet, notFoundComponent: AddressMissing });

const signIn = createRoute({
  getParentRoute: () => root,
  path: paths.signIn,
  validateSearch: z.object({ to: z.string().max(2_000).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import("./pages/sign-in/sign-in-route.tsx"), "SignInRoute"),
});

const security = createRoute({
  getParentRoute: () => root,
  path: paths.security,
  validateSearch: z.object({
    to: z.string().max(2_000).optional().catch(undefined),
    /** Whether nothing else can be seen before there is a second factor. */
    required: z.boolean().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import("./pages/security/security-page.tsx"), "SecurityPage"),
});

/** Everything behind the staff's door. Who is not signed in goes there first and comes back to where they wanted to go. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: ShellLayout,
  pendingComponent: AppPending,
  beforeLoad: async ({ context: { queries, trpc }, location }) => {
    try {
      const [me, shop] = await Promise.all([
        queries.ensureQueryData({ ...trpc.users.staffMe.queryOptions(), staleTime: SESSION_FRESH_MS }),
        queries.ensureQueryData({ ...trpc.system.shop.queryOptions(), staleTime: SESSION_FRESH_MS }),
      ]);
      adoptLocale(shop.locale);
      return { me, shop };
    } catch (error) {
      const { code } = problemOf(error);
      const to = safeTarget(location.href);
      if (code === "second_factor_required") throw redirect({ to: paths.security, search: { to, required: true } });
      if (code !== "unauthenticated") throw error;
      throw redirect({ to: paths.signIn, search: to === "/" ? {} : { to } });
    }
  },
});

function requireRight(me: Me, right: Me["rights"][number]): void {
  if (!me.rights.includes(right)) throw new MissingRight(right);
}

const start = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: ({ context: { me } }) => {
    const [first] = screensFor(me);
    if (!first) throw new MissingRight("orders:read");
    throw redirect({ to: first.path });
  },
});

// Loaders fill the cache and never throw: a screen shows its own failure, with its filters still in hand.
const orders = createRoute({
  getParentRoute: () => shell,
  path: paths.orders,
  validateSearch: ordersSearchSchema,
  beforeLoad: ({ context: { me } }) => requireRight(me, "orders:read"),
  loaderDeps: ({ search }) => ordersInput(search),
  loader: ({ context: { queries, trpc }, deps, cause }) => {
    const loading = queries.prefetchQuery(trpc.orders.staff.list.queryOptions(deps));
    // Within the list the old rows stay until the new ones are there; nobody waits for a blank screen.
    return cause === "enter" ? loading : undefined;
  },
  component: lazyRouteComponent(() => import("./pages/orders/orders-page.tsx"), "OrdersPage"),
});

const order = createRoute({
  getParentRoute: () => shell,
  path: "/orders/$orderId",
  beforeLoad: ({ context: { me } }) => requireRight(me, "orders:read"),
  loader: ({ context: { queries, trpc }, params: { orderId } }) =>
    queries.prefetchQuery(trpc.orders.staff.get.queryOptions({ id: orderId })),
  component: lazyRouteComponent(() => import("./pages/orders/order-page.tsx"), "OrderPage"),
});

const disputes = createRoute({
  getParentRoute: () => shell,
  path: paths.disputes,
  beforeLoad: ({ context: { me } }) => requireRight(me, "payments:read"),
  component: lazyRouteComponent(() => import("./pages/disputes/disputes-page.tsx"), "DisputesPage"),
});

const products = createRoute({
  getParentRoute: () => shell,
  path: paths.products,
  validateSearch: productsSearchSchema,
  beforeLoad: ({ context: { me } }) => requireRight(me, "catalog:read"),
  loaderDeps: ({ search }) => productsInput(search),
  loader: ({ context: { queries, trpc }, deps, cause }) => {
    const loading = queries.prefetchQuery(trpc.catalog.products.list.queryOptions(deps));
    return cause === "enter" ? loading : undefined;
  },
  component: lazyRouteComponent(() => import("./pages/products/products-page.tsx"), "ProductsPage"),
});

const product = createRoute({
  getParentRoute: () => shell,
  path: "/products/$productId",
  beforeLoad: ({ context: { me } }) => requireRight(me, "catalog:read"),
  loader: ({ context: { queries, trpc }, params: { productId } }) =>
    queries.prefetchQuery(trpc.catalog.products.get.queryOptions({ id: productId })),
  component: lazyRouteComponent(() => import("./pages/products/product-page.tsx"), "ProductPage"),
});

const stock = createRoute({
  getParentRoute: () => shell,
  path: paths.stock,
  validateSearch: stockSearchSchema,
  beforeLoad: ({ context: { me } }) => requireRight(me, "inventory:read"),
  loaderDeps: ({ search: { sku: _drawer, page: _page, ...search } }) => search,
  loader: ({ context: { queries, trpc, shop }, deps, cause }) => {
    const loading = queries.prefetchQuery(trpc.inventory.list.queryOptions(stockInput(deps, shop.lowStockThreshold)));
    return cause === "enter" ? loading : undefined;
  },
  component: lazyRouteComponent(() => import("./pages/stock/stock-page.tsx"), "StockPage"),
});

const fields = createRoute({
  getParentRoute: () => shell,
  path: paths.fields,
  validateSearch: fieldsSearchSchema,
  beforeLoad: ({ context: { me } }) => requireRight(me, "settings:read"),
  loader: ({ context: { queries, trpc } }) => queries.prefetchQuery(trpc.customFields.list.queryOptions({})),
  component: lazyRouteComponent(() => import("./pages/fields/fields-page.tsx"), "FieldsPage"),
});

const staff = createRoute({
  getParentRoute: () => shell,
  path: paths.staff,
  beforeLoad: ({ context: { me } }) => requireRight(me, "staff:read"),
  loader: ({ context: { queries, trpc } }) => queries.prefetchQuery(trpc.users.staff.list.queryOptions()),
  component: lazyRouteComponent(() => import("./pages/staff/staff-page.tsx"), "StaffPage"),
});

const system = createRoute({
  getParentRoute: () => shell,
  path: paths.system,
  beforeLoad: ({ context: { me } }) => requireRight(me, "system:read"),
  loader: ({ context: { queries, trpc } }) => queries.prefetchQuery(trpc.system.health.queryOptions()),
  component: lazyRouteComponent(() => import("./pages/system/system-page.tsx"), "SystemPage"),
});

const screens = [start, orders, order, disputes, products, product, stock, fields, staff, system] as const;
const routeTree = root.addChildren([signIn, security, shell.addChildren(screens)]);

/** The dashboard's screens. Each is a file of its own, loaded when it is first wanted. */
export function createAppRouter(context: RouterContext) {
  return createRouter({
    routeTree,
    context,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 150,
    defaultPendingComponent: ScreenPending,
    defaultErrorComponent: ScreenFailed,
    defaultNotFoundComponent: AddressMissing,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
