import { KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { addPasskey, removePasskey, type Security } from "../../auth.ts";
import { passkeyObstacle } from "../../passkeys.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { TextField } from "../../ui/field.tsx";

type Passkey = Security["passkeys"][number];

export interface PasskeysProps {
  readonly passkeys: readonly Passkey[];
  readonly onChanged: () => void;
}

/** Passkeys: one step in place of password and code. */
export function Passkeys({ passkeys, onChanged }: PasskeysProps) {
  const [leaving, setLeaving] = useState<Passkey | null>(null);
  const [isBusy, setBusy] = useState(false);
  const obstacle = passkeyObstacle();
  const remove = async ({ id }: Passkey) => {
    setBusy(true);
    const answer = await removePasskey(id);
    setBusy(false);
    setLeaving(null);
    if (answer.kind === "refused") toast.error(answer.reason);
    else onChanged();
  };
  return (
    <Card title="Passkeys">
      <div className="grid gap-4">
        <p className="text-ink-soft">
          Your device signs you in by finger print, face or its own code, in place of password and app.
        </p>
        {passkeys.length > 0 ? (
          <ul className="divide-y divide-line rounded-md border border-line">
            {passkeys.map((passkey) => (
              <li key={passkey.id} className="flex items-center gap-3 px-3 py-2">
                <KeyRound aria-hidden="true" className="size-4 text-ink-faint" />
                <span className="min-w-0 flex-1 truncate">{nameOf(passkey)}</span>
                <Button size="sm" variant="danger" onClick={() => setLeaving(passkey)}>
                  Remove<span className="sr-only"> {nameOf(passkey)}</span>
                </Button>
              </li>
            ))}
          </ul>
        ) : null}
        {obstacle ? <p className="text-ink-soft">{obstacle}</p> : <AddPasskey onAdded={onChanged} />}
      </div>
      <Confirm
        isOpen={leaving !== null}
        onClose={() => setLeaving(null)}
        title={`Remove ${leaving ? nameOf(leaving) : ""}?`}
        verb="Remove the passkey"
        isDestructive
        isBusy={isBusy}
        onConfirm={() => leaving && remove(leaving)}
      >
        The device can no longer sign you in. Other passkeys and the authenticator app stay.
      </Confirm>
    </Card>
  );
}

function nameOf({ name }: Passkey): string {
  return name || "Passkey";
}

function AddPasskey({ onAdded }: { readonly onAdded: () => void }) {
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    const answer = await addPasskey(String(new FormData(form).get("name")));
    setBusy(false);
    setRefusal(answer.kind === "refused" ? answer.reason : null);
    if (answer.kind === "refused") return;
    form.reset();
    toast.success("The passkey is ready.");
    onAdded();
  };
  return (
    <form onSubmit={submit} className="flex max-w-md flex-wrap items-start gap-2">
      <div className="min-w-48 flex-1">
        <TextField label="Name of this device" name="name" maxLength={60} required error={refusal} />
      </div>
      <Button type="submit" isBusy={isBusy} className="mt-6">
        {isBusy ? "Waiting for the device…" : "Add a passkey"}
      </Button>
    </form>
  );
}
