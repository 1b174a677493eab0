export type { FaultAction, FaultRule } from "./faults.ts";
export type { Rung, ServiceName } from "./service.ts";
export { buildAdminIfStale } from "./stack/admin-build.ts";
export type { StackApp } from "./stack/app.ts";
export type { DemoShop, Seed, SeedInput } from "./stack/demo-shop.ts";
export { freePort } from "./stack/free-port.ts";
export { type Stack, type StackOptions, type StackService, startStack } from "./stack/index.ts";
export { APP_NAMES, type AppName, SERVICE_NAMES, type StackServiceName } from "./stack/names.ts";
export { StartError } from "./stack/start-error.ts";
