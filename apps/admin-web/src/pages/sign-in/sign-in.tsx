import { KeyRound } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { toast } from "sonner";
import { enterCode, signIn, signInWithPasskey, warnOfFewCodes } from "../../auth.ts";
import { passkeyObstacle } from "../../passkeys.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";

export interface SignInPageProps {
  readonly onSignedIn: () => void;
  readonly attempt?: typeof signIn;
  readonly attemptCode?: typeof enterCode;
}

/** The staff's door: e-mail and password, then a code where one is asked for; or a passkey in place of all that. */
export function SignInPage({ onSignedIn, attempt = signIn, attemptCode = enterCode }: SignInPageProps) {
  const [isHalfIn, setHalfIn] = useState(false);
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center gap-3">
          <img src="/icon.svg" alt="" className="size-9" />
          <div>
            <h1 className="text-xl font-semibold">Sign in to Stoa</h1>
            <p className="text-ink-soft">{isHalfIn ? "One more step" : "For the people who run this shop"}</p>
          </div>
        </div>
        {isHalfIn ? (
          <SecondStep attempt={attemptCode} onSignedIn={onSignedIn} onBack={() => setHalfIn(false)} />
        ) : (
          <FirstStep attempt={attempt} onSignedIn={onSignedIn} onHalfIn={() => setHalfIn(true)} />
        )}
      </div>
    </main>
  );
}

interface FirstStepProps {
  readonly attempt: typeof signIn;
  readonly onSignedIn: () => void;
  readonly onHalfIn: () => void;
}

/** A wrong password keeps the e-mail and says no more than that one of both is wrong. */
function FirstStep({ attempt, onSignedIn, onHalfIn }: FirstStepProps) {
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const enter = async (act: () => ReturnType<typeof signIn>) => {
    setBusy(true);
    const result = await act();
    setBusy(false);
    if (result.kind === "ok") onSignedIn();
    else if (result.kind === "second_step") onHalfIn();
    else setRefusal(result.reason);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void enter(() => attempt(String(form.get("email")), String(form.get("password"))));
  };
  return (
    <>
      <Form onSubmit={submit}>
        <TextField label="E-mail" name="email" type="email" autoComplete="username webauthn" required autoFocus />
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
        {passkeyObstacle() === null ? (
          <Button isBusy={isBusy} onClick={() => enter(signInWithPasskey)}>
            <KeyRound aria-hidden="true" className="size-4" />
            Use a passkey
          </Button>
        ) : null}
      </Form>
      <p className="mt-4 text-[13px] text-ink-faint">
        No account? Ask whoever runs the shop to add you: <code>stoa staff add</code>
      </p>
    </>
  );
}

interface SecondStepProps {
  readonly attempt: typeof enterCode;
  readonly onSignedIn: () => void;
  readonly onBack: () => void;
}

/** Long enough to be read on the screen that comes after. */
const WARNING_MS = 15_000;

const ways = {
  totp: { label: "Code of your authenticator app", other: "Use a back-up code", mode: "numeric" },
  "backup-code": { label: "Back-up code", other: "Use the authenticator app", mode: "text" },
} as const;

function SecondStep({ attempt, onSignedIn, onBack }: SecondStepProps) {
  const [way, setWay] = useState<keyof typeof ways>("totp");
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const { label, other, mode } = ways[way];
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code"));
    setBusy(true);
    const result = await attempt(way, code);
    setBusy(false);
    if (result.kind === "refused") return setRefusal(result.reason);
    onSignedIn();
    const warning = way === "backup-code" ? await warnOfFewCodes() : null;
    if (warning) toast.warning(warning, { description: "Under Security, in your menu.", duration: WARNING_MS });
  };
  const change = () => {
    setWay(way === "totp" ? "backup-code" : "totp");
    setRefusal(null);
  };
  return (
    <Form onSubmit={submit}>
      <TextField
        key={way}
        label={label}
        name="code"
        inputMode={mode}
        autoComplete="one-time-code"
        spellCheck={false}
        required
        autoFocus
        error={refusal}
      />
      <Button type="submit" variant="primary" isBusy={isBusy}>
        {isBusy ? "Checking…" : "Continue"}
      </Button>
      <div className="flex flex-wrap justify-between gap-2">
        <Button variant="ghost" size="sm" onClick={onBack}>
          Back
        </Button>
        <Button variant="ghost" size="sm" onClick={change}>
          {other}
        </Button>
      </div>
    </Form>
  );
}

function Form({
  onSubmit,
  children,
}: {
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  readonly children: ReactNode;
}) {
  return (
    <form onSubmit={onSubmit} className="grid gap-4 rounded-xl border border-line bg-surface p-5 shadow-raised">
      {children}
    </form>
  );
}
