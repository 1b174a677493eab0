import { type FormEvent, useState } from "react";
import { signIn } from "../../auth.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";

export interface SignInPageProps {
  readonly onSignedIn: () => void;
  readonly attempt?: typeof signIn;
}

/** The staff's door. A wrong password keeps the e-mail and says no more than that one of both is wrong. */
export function SignInPage({ onSignedIn, attempt = signIn }: SignInPageProps) {
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    const result = await attempt(String(form.get("email")), String(form.get("password")));
    setBusy(false);
    if (result.kind === "ok") return onSignedIn();
    setRefusal(result.reason);
  };
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center gap-3">
          <img src="/icon.svg" alt="" className="size-9" />
          <div>
            <h1 className="text-xl font-semibold">Sign in to Stoa</h1>
            <p className="text-ink-soft">For the people who run this shop</p>
          </div>
        </div>
        <form onSubmit={submit} className="grid gap-4 rounded-xl border border-line bg-surface p-5 shadow-raised">
          <TextField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus />
          <TextField
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            error={refusal}
          />
          <Button type="submit" variant="primary" isBusy={isBusy}>
            {isBusy ? "Signing in…" : "Sign in"}
          </Button>
        </form>
        <p className="mt-4 text-[13px] text-ink-faint">
          No account? Ask whoever runs the shop to add you: <code>stoa staff add</code>
        </p>
      </div>
    </main>
  );
}
