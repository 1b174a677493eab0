import type { Redis } from "ioredis";
import type { ComposeOptions } from "./compose.ts";
import type { CoreConfig } from "./config.ts";
import { signInObserver } from "./observe-sign-ins.ts";
import type { Database } from "./platform/db/index.ts";
import {
  createShopAuth,
  createStaffAuth,
  createStorefrontOrigins,
  type IdentityProviders,
  type SendAccountMail,
} from "./services/users/index.ts";

/** Both doors: who guesses passwords at either is counted, and told of without a word about whom. */
export function composeAuth(
  { config, clock, logger, metrics }: ComposeOptions,
  { db, redis }: { readonly db: Database; readonly redis: Redis },
  { sendAccountMail }: { readonly sendAccountMail: SendAccountMail },
) {
  const secret = config.AUTH_SECRET;
  const throttled = signInObserver(logger, metrics);
  const storefrontOrigins = createStorefrontOrigins({ db, clock });
  return {
    shopAuth: createShopAuth({
      db,
      redis,
      secret,
      publicUrl: config.PUBLIC_URL,
      trustedOrigins: async () => [...config.STOREFRONT_ORIGINS, ...(await storefrontOrigins())],
      sendMail: sendAccountMail,
      identityProviders: identityProvidersIn(config),
      confirmFirst: config.CONFIRM_EMAIL_FIRST,
      throttled,
      logger,
    }),
    staffAuth: createStaffAuth({ db, redis, secret, adminUrl: config.ADMIN_URL, throttled, logger }),
  };
}

function identityProvidersIn(config: CoreConfig): IdentityProviders {
  const { GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } = config;
  return {
    google:
      GOOGLE_CLIENT_ID && GOOGLE_CLIENT_SECRET
        ? { clientId: GOOGLE_CLIENT_ID, clientSecret: GOOGLE_CLIENT_SECRET }
        : null,
    oidc:
      OIDC_ISSUER && OIDC_CLIENT_ID && OIDC_CLIENT_SECRET
        ? { issuer: OIDC_ISSUER, clientId: OIDC_CLIENT_ID, clientSecret: OIDC_CLIENT_SECRET }
        : null,
  };
}
