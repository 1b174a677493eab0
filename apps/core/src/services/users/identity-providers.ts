import type { GenericOAuthConfig } from "better-auth/plugins";
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

/** By the code flow with PKCE; id tokens are checked with the issuer's keys. */
export function oidcOptions({ oidc }: IdentityProviders): GenericOAuthConfig[] {
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
