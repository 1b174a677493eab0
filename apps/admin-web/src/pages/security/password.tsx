import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { changePassword } from "../../auth.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { TextField } from "../../ui/field.tsx";

const LENGTH_MIN = 8;
const LENGTH_MAX = 128;

export interface PasswordProps {
  readonly change?: typeof changePassword;
}

/** Another password, by the present one: whoever was added was given one that somebody else has chosen. */
export function Password({ change = changePassword }: PasswordProps) {
  const [isOpen, setOpen] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const close = () => {
    setOpen(false);
    setRefusal(null);
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    const answer = await change(String(form.get("current")), String(form.get("next")));
    setBusy(false);
    if (answer.kind === "refused") return setRefusal(answer.reason);
    close();
    toast.success("The password is changed, and you are signed out everywhere else.");
  };
  return (
    <Card title="Password">
      <div className="grid gap-4">
        <p className="text-ink-soft">Only you should know it. A new one ends every other session of yours.</p>
        {isOpen ? (
          <form onSubmit={submit} className="grid max-w-sm gap-3">
            <TextField
              label="Present password"
              name="current"
              type="password"
              autoComplete="current-password"
              required
              autoFocus
              error={refusal}
            />
            <TextField
              label="New password"
              name="next"
              type="password"
              autoComplete="new-password"
              minLength={LENGTH_MIN}
              maxLength={LENGTH_MAX}
              required
              hint={`At least ${LENGTH_MIN} characters`}
            />
            <div className="flex gap-2">
              <Button type="submit" variant="primary" isBusy={isBusy}>
                Change the password
              </Button>
              <Button onClick={close}>Cancel</Button>
            </div>
          </form>
        ) : (
          <div>
            <Button onClick={() => setOpen(true)}>Choose a new password</Button>
          </div>
        )}
      </div>
    </Card>
  );
}
