import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Navigate, useRouter } from "@tanstack/react-router";
import { ShieldAlert } from "lucide-react";
import { readSecurity } from "../../auth.ts";
import { paths, safeTarget } from "../../paths.ts";
import { leave } from "../../shell/leave.ts";
import { PageHeader } from "../../shell/page-header.tsx";
import { Button } from "../../ui/button.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { AuthenticatorApp } from "./authenticator-app.tsx";
import { Passkeys } from "./passkeys.tsx";
import { Password } from "./password.tsx";

const route = getRouteApi("/security");
const securityKey = ["security"];

/** How the member of staff signs in. It stands outside of the shell, since who has no second factor yet may see nothing else. */
export function SecurityPage() {
  const router = useRouter();
  const queries = useQueryClient();
  const { to, required: isRequired } = route.useSearch();
  const security = useQuery({ queryKey: securityKey, queryFn: readSecurity, retry: false });
  const changed = () => {
    // A refusal for want of a second factor may be remembered; it is over.
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== securityKey[0] });
    void queries.invalidateQueries({ queryKey: securityKey });
  };
  if (security.data === null) return <Navigate to={paths.signIn} search={{ to: paths.security }} />;
  const isBarred = isRequired === true && security.data?.secondFactor === null;
  return (
    <main className="mx-auto grid max-w-2xl gap-4 px-4 py-8">
      <PageHeader
        title="Security"
        actions={
          <>
            {isBarred ? null : (
              <Button onClick={() => router.history.push(safeTarget(to))}>Back to the dashboard</Button>
            )}
            <Button variant="ghost" onClick={leave}>
              Sign out
            </Button>
          </>
        }
      >
        {security.data ? `How you sign in as ${security.data.email}` : "How you sign in"}
      </PageHeader>
      {isBarred ? (
        <p role="status" className="flex gap-3 rounded-lg border border-warn/30 bg-warn-soft p-4 text-warn">
          <ShieldAlert aria-hidden="true" className="size-5 shrink-0" />
          This shop asks for a second factor. Set one up to go on.
        </p>
      ) : null}
      {security.isError ? <ErrorState error={security.error} onRetry={() => security.refetch()} /> : null}
      {security.isPending ? <Skeleton className="h-64 w-full rounded-lg" /> : null}
      {security.data ? (
        <>
          <AuthenticatorApp
            isOn={security.data.hasTotp}
            codesLeft={security.data.backupCodesLeft}
            onChanged={changed}
          />
          <Passkeys passkeys={security.data.passkeys} onChanged={changed} />
          <Password />
        </>
      ) : null}
    </main>
  );
}
