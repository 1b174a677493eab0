import { createHmac, timingSafeEqual } from "node:crypto";

/** PayPal's access tokens live for nine hours. */
const TOKEN_SECONDS = 32_400;
const PREFIX = "A21AA";

/** A bearer token that needs no table: its expiry and a seal over it, so it outlives a restart as PayPal's do. */
export function issueToken(clientSecret: string): { readonly token: string; readonly expiresIn: number } {
  const expires = String(Math.floor(Date.now() / 1000) + TOKEN_SECONDS);
  return { token: `${PREFIX}${expires}.${seal(expires, clientSecret)}`, expiresIn: TOKEN_SECONDS };
}

export function isToken(token: string, clientSecret: string): boolean {
  const [expires = "", sealed = ""] = token.slice(PREFIX.length).split(".");
  const expected = seal(expires, clientSecret);
  if (!token.startsWith(PREFIX) || sealed.length !== expected.length) return false;
  return timingSafeEqual(Buffer.from(sealed), Buffer.from(expected)) && Number(expires) * 1000 > Date.now();
}

function seal(expires: string, clientSecret: string): string {
  return createHmac("sha256", clientSecret).update(expires).digest("hex");
}
