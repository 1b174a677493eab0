import { createNotificationsRouter, type NotificationsRouterDeps } from "../notifications/index.ts";
import { mergeRouters, router } from "../platform/rpc/index.ts";
import { type CartsDeps, createCartsRouter } from "../services/carts/index.ts";
import { type CatalogRouterDeps, createCatalogRouter } from "../services/catalog/index.ts";
import { createInventoryRouter, type InventoryRouterDeps } from "../services/inventory/index.ts";
import { createOrdersRouter, type OrdersRouterDeps } from "../services/orders/index.ts";
import { createPaymentsRouter, type PaymentsRouterDeps } from "../services/payments/index.ts";
import { createUsersRouter, type UsersDeps } from "../services/users/index.ts";
import { type CustomFieldsDeps, createCustomFieldsRouter } from "./custom-fields.ts";
import { createPrivacyRouter, type PrivacyDeps } from "./privacy.ts";
import { createSettingsRouter, type SettingsDeps } from "./settings.ts";
import { createSystemRouter, type SystemDeps } from "./system.ts";

export interface RouterDeps {
  readonly carts: CartsDeps;
  readonly catalog: CatalogRouterDeps;
  readonly inventory: InventoryRouterDeps;
  readonly notifications: NotificationsRouterDeps;
  readonly orders: OrdersRouterDeps;
  readonly payments: PaymentsRouterDeps;
  readonly users: UsersDeps & PrivacyDeps;
  readonly system: SystemDeps;
  readonly customFields: CustomFieldsDeps;
  readonly settings: SettingsDeps;
}

/** Every procedure of core, by service. */
export function createRouter(deps: RouterDeps) {
  return router({
    carts: createCartsRouter(deps.carts),
    catalog: createCatalogRouter(deps.catalog),
    inventory: createInventoryRouter(deps.inventory),
    notifications: createNotificationsRouter(deps.notifications),
    orders: createOrdersRouter(deps.orders),
    payments: createPaymentsRouter(deps.payments),
    users: mergeRouters(createUsersRouter(deps.users), createPrivacyRouter(deps.users)),
    system: createSystemRouter(deps.system),
    customFields: createCustomFieldsRouter(deps.customFields),
    settings: createSettingsRouter(deps.settings),
  });
}

/** What edge and the dashboard see of core: types, never code. */
export type AppRouter = ReturnType<typeof createRouter>;
