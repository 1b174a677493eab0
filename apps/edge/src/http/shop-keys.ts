import { createRemoteJWKSet, type JWTVerifyGetKey } from "jose";

const TIMEOUT_MS = 2_000;
const AGE_MS = 10 * 60_000;
const COOLDOWN_MS = 1_000;

/**
 * The keys that check JWTs, held in this process: a token costs no call. One of a key that is not known has them asked for again, no
 * sooner than `cooldownMs` after the last time, so that strange tokens cannot be turned into a flood of calls to core.
 */
export function createShopKeys(coreUrl: string, cooldownMs = COOLDOWN_MS): JWTVerifyGetKey {
  const url = new URL("/v1/auth/jwks", coreUrl);
  return createRemoteJWKSet(url, { timeoutDuration: TIMEOUT_MS, cacheMaxAge: AGE_MS, cooldownDuration: cooldownMs });
}
