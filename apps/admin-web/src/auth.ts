import { z } from "zod";

const refusalSchema = z.object({ message: z.string().optional(), code: z.string().optional() });

export type SignIn = { readonly kind: "ok" } | { readonly kind: "refused"; readonly reason: string };

/** Opens a session of the dashboard. The cookie is the server's business; nothing is kept here. */
export async function signIn(email: string, password: string, ask: typeof fetch = fetch): Promise<SignIn> {
  try {
    const response = await ask("/auth/sign-in/email", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, password, rememberMe: true }),
    });
    if (response.ok) return { kind: "ok" };
    if (response.status === 429) return { kind: "refused", reason: "Too many tries. Wait a minute, then try again." };
    if (response.status >= 500)
      return { kind: "refused", reason: "The shop's core does not answer. Try again in a moment." };
    const refusal = refusalSchema.safeParse(await response.json());
    const isWrong = response.status === 401 || refusal.data?.code?.includes("INVALID");
    return {
      kind: "refused",
      reason: isWrong ? "E-mail or password is wrong." : (refusal.data?.message ?? "Refused."),
    };
  } catch {
    return { kind: "refused", reason: "The dashboard's server cannot be reached. Check your connection." };
  }
}

/** Answers whether the session has ended. */
export async function signOut(ask: typeof fetch = fetch): Promise<boolean> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
  return ask("/auth/sign-out", init).then(
    (response) => response.ok || response.status === 401,
    () => false,
  );
}
