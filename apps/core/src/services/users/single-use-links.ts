import { APIError } from "better-auth/api";
import type { Redis } from "ioredis";
import type { HookContext } from "./auth-hooks.ts";
import { isFirstUse } from "./first-use.ts";

/**
 * Makes the links that confirm an address good for one use: better-auth signs them and keeps no record of them. (Links for a new
 * password are on record already, and are used up.)
 */
export function createSingleUseLinks(redis: Redis, lifetimeSeconds: number) {
  return async (ctx: HookContext): Promise<void> => {
    if (ctx.path !== "/verify-email") return;
    const token = ctx.query?.token;
    if (typeof token !== "string") return;
    if (await isFirstUse(redis, "link", token, lifetimeSeconds)) return;
    const page: unknown = ctx.query?.callbackURL;
    // Whoever follows a link looks at a page, as after any other link that is no good.
    if (typeof page === "string" && ctx.context.isTrustedOrigin(page, { allowRelativePaths: true }))
      throw ctx.redirect(`${page}${page.includes("?") ? "&" : "?"}error=INVALID_TOKEN`);
    throw new APIError("UNAUTHORIZED", { code: "INVALID_TOKEN", message: "This link was used before." });
  };
}
