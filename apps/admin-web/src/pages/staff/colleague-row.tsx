import { counted, inWords } from "../../format.ts";
import { useMe } from "../../shell/me.tsx";
import type { Outputs } from "../../trpc.ts";
import { Badge } from "../../ui/badge.tsx";
import { ResetFactors } from "./reset-factors.tsx";

export type Colleague = Outputs["users"]["staff"]["list"]["items"][number];

/** A member of staff: who they are, their roles, and which second factors they have. */
export function ColleagueRow({ colleague }: { readonly colleague: Colleague }) {
  const isMe = useMe().id === colleague.id;
  const { name, email, roles, state } = colleague;
  return (
    <li aria-label={name} className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3 px-4 py-3">
      <div className="grid min-w-0 flex-1 basis-72 gap-1">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0 font-medium break-words">{name}</span>
          {isMe ? <Badge tone="info">You</Badge> : null}
          {state === "suspended" ? <Badge tone="bad">Suspended</Badge> : null}
        </div>
        <p className="text-[13px] break-words text-ink-soft">
          {email}
          {roles.length > 0 ? ` · ${roles.map(inWords).join(", ")}` : " · no role"}
        </p>
        <Factors colleague={colleague} />
      </div>
      <ResetFactors colleague={colleague} isMe={isMe} />
    </li>
  );
}

function Factors({ colleague: { hasTotp, passkeys } }: { readonly colleague: Colleague }) {
  return (
    <p className="flex flex-wrap gap-1.5">
      {hasTotp ? <Badge tone="good">Authenticator app</Badge> : null}
      {passkeys > 0 ? <Badge tone="good">{counted(passkeys, "passkey")}</Badge> : null}
      {hasTotp || passkeys > 0 ? null : <Badge tone="warn">Password alone</Badge>}
    </p>
  );
}
