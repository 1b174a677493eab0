import type { Logger } from "@stoa/runtime";
import type { BetterAuthPlugin, HookEndpointContext } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";
import { type GenericOAuthConfig, genericOAuth } from "better-auth/plugins";
import type { HookContext } from "./auth-hooks.ts";

export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Whom shoppers may sign in with beside a password; each is off without its client. */
export interface IdentityProviders {
  readonly google: OAuthClient | null;
  /** Any OpenID Connect provider, known by its issuer. */
  readonly oidc: (OAuthClient & { readonly issuer: string }) | null;
}

/** The id of the OpenID Connect provider in `POST /sign-in/social` and in its callback. */
export const OIDC_PROVIDER_ID = "oidc";

export function googleOptions({ google }: IdentityProviders) {
  return google ? { google: { ...google, prompt: "select_account" as const } } : {};
}

/**
 * Sign-in by OpenID Connect. What the issuer says of itself is asked for when somebody comes to sign in with it, and not at the start, as
 * better-auth does by itself: all of the shop's door, passwords too, would wait for an issuer that does not answer.
 */
export function oidcSignIn(providers: IdentityProviders, logger: Logger): BetterAuthPlugin {
  const config = oidcOptions(providers);
  const { hooks, ...plugin } = genericOAuth({ config });
  // Where better-auth keeps those whose issuer was away at the start; a hook of its own asks again.
  const pending = () => ({ genericOAuthPendingDiscovery: new Map(config.map((one) => [one.providerId, one])) });
  const away = { matcher: isBoundFor(providers), handler: createAuthMiddleware(tellWhoIsAway(providers, logger)) };
  return { ...plugin, init: () => ({ context: pending() }), hooks: { before: [...hooks.before, away] } };
}

const isBoundFor =
  ({ oidc }: IdentityProviders) =>
  ({ path, body }: HookEndpointContext): boolean =>
    oidc !== null && path === "/sign-in/social" && body?.provider === OIDC_PROVIDER_ID;

/** Tells a provider that the shop has and cannot reach from one that it does not have; better-auth answers both alike, and logs neither. */
function tellWhoIsAway({ oidc }: IdentityProviders, logger: Logger) {
  return async ({ context }: Pick<HookContext, "context">): Promise<void> => {
    if (context.socialProviders.some(({ id }) => id === OIDC_PROVIDER_ID)) return;
    logger.warn("the OpenID Connect provider cannot be reached, or does not say what it has to", {
      issuer: oidc?.issuer,
    });
    throw new APIError(
      "SERVICE_UNAVAILABLE",
      { code: "PROVIDER_UNAVAILABLE", message: "The provider cannot be reached now." },
      { "retry-after": "5" },
    );
  };
}

/** By the code flow with PKCE; id tokens are checked with the issuer's keys. */
function oidcOptions({ oidc }: IdentityProviders): GenericOAuthConfig[] {
  if (!oidc) return [];
  const { issuer, clientId, clientSecret } = oidc;
  return [
    {
      ...{ providerId: OIDC_PROVIDER_ID, clientId, clientSecret },
      discoveryUrl: `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
      scopes: ["openid", "email", "profile"],
      pkce: true,
      requireIdTokenVerification: true,
    },
  ];
}

/** Whoever is turned away comes back to the page they had left for, which is told why; better-auth's own page of errors is not mounted. */
export function comeBackWithError({ path, body }: HookContext) {
  if (path !== "/sign-in/social" && path !== "/link-social") return undefined;
  return { context: { body: { ...body, errorCallbackURL: body?.errorCallbackURL ?? body?.callbackURL } } };
}
