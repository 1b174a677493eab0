import { expect } from "bun:test";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { passkey, user } from "../tables.ts";
import { aMember, atDashboard, type Doors, PASSWORD, totpOf } from "./doors.ts";

export const enrolledSchema = z.object({ totpURI: z.string(), backupCodes: z.array(z.string()) });
/** A member of staff with a browser, in which they have signed in by the password. */
export async function signedIn(doors: Doors, roles?: string[]) {
  const member = await aMember(doors, roles);
  const browser = atDashboard(doors);
  expect((await browser.post("/sign-in/email", member.credentials)).status).toBe(200);
  return { ...member, browser };
}

/** Somebody with an authenticator app. */
export async function withTotp(doors: Doors) {
  const member = await signedIn(doors);
  const answer = await member.browser.post("/two-factor/enable", { password: PASSWORD });
  const enrolled = enrolledSchema.parse(await answer.json());
  const code = totpOf(enrolled.totpURI);
  expect((await member.browser.post("/two-factor/verify-totp", { code })).status).toBe(200);
  return { ...member, ...enrolled, setUpBy: code };
}

export async function givePasskey(doors: Doors, email: string): Promise<void> {
  const [person] = await doors.deps.db.select().from(user).where(eq(user.email, email));
  const id = crypto.randomUUID();
  const row = { id, credentialID: id, publicKey: "x", counter: 0, deviceType: "singleDevice", backedUp: false };
  await doors.deps.db.insert(passkey).values({ ...row, userId: person?.id ?? "" });
}
