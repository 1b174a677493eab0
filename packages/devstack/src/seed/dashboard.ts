import { z } from "zod";
import { ask, parseAnswer, refused, send } from "./http.ts";
import type { StaffSeed } from "./staff.ts";

export interface DashboardDoor {
  readonly coreUrl: string;
  /** The dashboard's own origin, from which core lets staff sign in. */
  readonly adminUrl: string;
}

/** What a member of staff can do in the dashboard, by the same calls that the dashboard makes. */
export interface Dashboard {
  change<S extends z.ZodType>(step: string, procedure: string, input: unknown, answer: S): Promise<z.output<S>>;
  read<S extends z.ZodType>(step: string, procedure: string, answer: S): Promise<z.output<S>>;
}

/** Signs a member of staff in. @throws Error when the door stays closed. */
export async function openDashboard({ coreUrl, adminUrl }: DashboardDoor, person: StaffSeed): Promise<Dashboard> {
  const signingIn = `signing in as ${person.email}`;
  const { email, password } = person;
  const signedIn = await send({
    step: signingIn,
    url: `${coreUrl}/auth/sign-in/email`,
    method: "POST",
    headers: { origin: adminUrl },
    body: { email, password },
  });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  if (signedIn.status !== 200 || cookie === "") throw refused(signingIn, signedIn);
  const headers = { cookie, origin: adminUrl };
  const url = (procedure: string) => `${coreUrl}/trpc/${procedure}`;
  return {
    change: async (step, procedure, input, answer) =>
      unwrap(step, await ask({ step, url: url(procedure), method: "POST", headers, body: input }, envelope), answer),
    read: async (step, procedure, answer) =>
      unwrap(step, await ask({ step, url: url(procedure), headers }, envelope), answer),
  };
}

/** Core wraps every answer; one that holds nothing comes without `data`. */
const envelope = z.object({ result: z.object({ data: z.unknown() }) });

function unwrap<S extends z.ZodType>(step: string, { result }: z.infer<typeof envelope>, answer: S): z.output<S> {
  return parseAnswer(step, result.data, answer);
}
