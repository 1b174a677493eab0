import type { createAuthMiddleware } from "better-auth/api";

type Handler = Extract<Parameters<typeof createAuthMiddleware>[0], (ctx: never) => unknown>;

/** What better-auth tells a hook. Hooks are plain functions, joined in one middleware a door: a middleware inside another loses its cookies. */
export type HookContext = Parameters<Handler>[0];
