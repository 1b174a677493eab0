import { TriangleAlert } from "lucide-react";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { renderSVG } from "uqr";
import {
  type Answer,
  beginTotp,
  type Enrolment,
  endTotp,
  enterCode,
  fewCodesLeft,
  renewBackupCodes,
} from "../../auth.ts";
import { counted } from "../../format.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { TextField } from "../../ui/field.tsx";
import { BackupCodes } from "./backup-codes.tsx";

export interface AuthenticatorAppProps {
  readonly isOn: boolean;
  /** How many back-up codes have not been used yet; null where that is not known. */
  readonly codesLeft: number | null;
  readonly onChanged: () => void;
}

type Act = "set up" | "renew" | "turn off";

/** Codes of an app as the second step of a sign-in: set up, new back-up codes, turned off; each after the password. */
export function AuthenticatorApp({ isOn, codesLeft, onChanged }: AuthenticatorAppProps) {
  const [act, setAct] = useState<Act | null>(null);
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const withPassword = async (password: string): Promise<string | null> => {
    if (act === "set up") {
      const answer = await beginTotp(password);
      if (answer.kind === "ok") setEnrolment(answer.data);
      return end(answer);
    }
    if (act === "renew") {
      const answer = await renewBackupCodes(password);
      if (answer.kind === "ok") {
        setCodes(answer.data.backupCodes);
        onChanged();
      }
      return end(answer);
    }
    const answer = await endTotp(password);
    if (answer.kind === "ok") {
      toast.success("The authenticator app is no longer asked for.");
      onChanged();
    }
    return end(answer);
  };
  const end = (answer: Answer): string | null => {
    if (answer.kind === "refused") return answer.reason;
    setAct(null);
    return null;
  };
  const confirmed = () => {
    setCodes(enrolment?.backupCodes ?? null);
    setEnrolment(null);
    onChanged();
  };
  const state = isOn ? <Badge tone="good">On</Badge> : <Badge>Off</Badge>;
  return (
    <Card title="Authenticator app" aside={state}>
      <div className="grid gap-4">
        <p className="text-ink-soft">After your password you enter a code that an app on your phone shows.</p>
        {isOn && !codes && codesLeft !== null ? <CodesLeft left={codesLeft} /> : null}
        {codes ? <BackupCodes codes={codes} onDone={() => setCodes(null)} /> : null}
        {enrolment ? <Scan enrolment={enrolment} onConfirmed={confirmed} onCancel={() => setEnrolment(null)} /> : null}
        {act ? <PasswordForm verb={verbs[act]} onSubmit={withPassword} onCancel={() => setAct(null)} /> : null}
        {act || enrolment || codes ? null : (
          <div className="flex flex-wrap gap-2">
            {isOn ? (
              <>
                <Button onClick={() => setAct("renew")}>New back-up codes</Button>
                <Button variant="danger" onClick={() => setAct("turn off")}>
                  Turn off
                </Button>
              </>
            ) : (
              <Button variant="primary" onClick={() => setAct("set up")}>
                Set up an app
              </Button>
            )}
          </div>
        )}
      </div>
    </Card>
  );
}

function CodesLeft({ left }: { readonly left: number }) {
  const warning = fewCodesLeft(left);
  if (warning === null) return <p className="text-ink-soft">{counted(left, "back-up code")} left.</p>;
  return (
    <p role="status" className="flex gap-2 rounded-md border border-warn/30 bg-warn-soft px-3 py-2 text-warn">
      <TriangleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      {warning}
    </p>
  );
}

const verbs: Readonly<Record<Act, string>> = { "set up": "Go on", renew: "Make new codes", "turn off": "Turn off" };

interface PasswordFormProps {
  readonly verb: string;
  /** Answers what is wrong, or null. */
  readonly onSubmit: (password: string) => Promise<string | null>;
  readonly onCancel: () => void;
}

function PasswordForm({ verb, onSubmit, onCancel }: PasswordFormProps) {
  const { refusal, isBusy, submit } = useOneField("password", onSubmit);
  return (
    <form onSubmit={submit} className="grid max-w-sm gap-3">
      <TextField
        label="Your password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        autoFocus
        error={refusal}
      />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" isBusy={isBusy}>
          {verb}
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  );
}

interface ScanProps {
  readonly enrolment: Enrolment;
  readonly onConfirmed: () => void;
  readonly onCancel: () => void;
}

function Scan({ enrolment: { totpURI }, onConfirmed, onCancel }: ScanProps) {
  const confirm = async (code: string) => {
    const answer = await enterCode("totp", code);
    if (answer.kind === "refused") return answer.reason;
    onConfirmed();
    return null;
  };
  const { refusal, isBusy, submit } = useOneField("code", confirm);
  const image = `data:image/svg+xml,${encodeURIComponent(renderSVG(totpURI, { border: 2 }))}`;
  const secret = new URL(totpURI).searchParams.get("secret") ?? "";
  return (
    <form onSubmit={submit} className="grid gap-4 sm:grid-cols-[12rem_minmax(0,1fr)]">
      <img
        src={image}
        alt="QR code for your authenticator app"
        className="size-48 rounded-md border border-line bg-white"
      />
      <div className="grid content-start gap-3">
        <p>Scan this with the app, or type the secret into it:</p>
        <p>
          <code className="font-mono text-[13px] break-words select-all">
            {secret.replaceAll(/(.{4})(?=.)/g, "$1 ")}
          </code>
        </p>
        <TextField
          label="The code that the app shows"
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          autoFocus
          error={refusal}
        />
        <div className="flex gap-2">
          <Button type="submit" variant="primary" isBusy={isBusy}>
            Turn on
          </Button>
          <Button onClick={onCancel}>Cancel</Button>
        </div>
      </div>
    </form>
  );
}

/** A form of one field whose refusal stands at the field. */
function useOneField(name: string, act: (value: string) => Promise<string | null>) {
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = String(new FormData(event.currentTarget).get(name));
    setBusy(true);
    const wrong = await act(value);
    setBusy(false);
    setRefusal(wrong);
  };
  return { refusal, isBusy, submit };
}
