import { eq } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import { user } from "./tables.ts";

/** Whom an account belongs to, for a mail to them; null when it is gone. */
export async function findAccount(
  db: Database,
  userId: string,
): Promise<{ readonly email: string; readonly name: string } | null> {
  const [row] = await db.select({ email: user.email, name: user.name }).from(user).where(eq(user.id, userId));
  return row ?? null;
}
