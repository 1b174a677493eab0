import { APIError } from "better-auth/api";
import { eq } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import { user } from "./tables.ts";

/**
 * Keeps out who has not confirmed their address yet. Each door answers as it does to whom it cannot let in anyway (a wrong password, an
 * account that is not joined), else whoever comes with somebody's address would be told whether there was an account before.
 */
export function confirmedOnly(db: Database) {
  return async (session: { readonly userId: string }, ctx: { readonly path?: string } | null): Promise<void> => {
    const refusal = refusalOf(ctx?.path);
    if (refusal === null) return;
    const [person] = await db.select({ isConfirmed: user.emailVerified }).from(user).where(eq(user.id, session.userId));
    if (!person?.isConfirmed) throw refusal;
  };
}

function refusalOf(path: string | undefined): APIError | null {
  if (path === "/sign-in/email") {
    return new APIError("UNAUTHORIZED", {
      code: "INVALID_EMAIL_OR_PASSWORD",
      message: "Invalid email or password",
    });
  }
  // Back from a provider that does not vouch for the address. A message would stand in the URL, where better-auth puts none.
  if (path === "/callback/:id" || path === "/sign-in/social") {
    return new APIError("UNAUTHORIZED", { code: "account_not_linked", message: "" });
  }
  return null;
}
