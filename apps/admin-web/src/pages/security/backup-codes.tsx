import { Button } from "../../ui/button.tsx";

/** Shown this once: each opens the door in place of a code of the app, for the day on which the phone is lost. */
export function BackupCodes({ codes, onDone }: { readonly codes: readonly string[]; readonly onDone: () => void }) {
  const copy = () => navigator.clipboard.writeText(codes.join("\n"));
  return (
    <div className="grid gap-3 rounded-md border border-line bg-sunken p-4">
      <p>
        <strong>Keep these back-up codes.</strong> Each signs you in once without the app. They are not shown again.
      </p>
      <ul aria-label="Back-up codes" className="grid gap-x-6 gap-y-1 font-mono text-[13px] sm:grid-cols-2">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex gap-2">
        <Button variant="primary" onClick={onDone}>
          I have kept them
        </Button>
        <Button onClick={copy}>Copy</Button>
      </div>
    </div>
  );
}
