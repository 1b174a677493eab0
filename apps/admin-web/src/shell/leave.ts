import { toast } from "sonner";
import { signOut } from "../auth.ts";
import { paths } from "../paths.ts";

/** Ends the session. A fresh page follows, so that nothing seen before stays in memory. */
export async function leave(): Promise<void> {
  if (await signOut()) location.assign(paths.signIn);
  else toast.error("You are still signed in: the shop's core does not answer. Try again in a moment.");
}
