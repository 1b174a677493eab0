import { z } from "zod";
import { ask, refused, send } from "./http.ts";
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
  const step = `signing in as ${person.email}`;
  const { email, password } = person;
  const signedIn = await send({
    step,
    url: `${coreUrl}/auth/sign-in/email`,
    method: "POST",
    headers: { origin: adminUrl },
    body: { email, password },
  });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  if (signedIn.status !== 200 || cookie === "") throw refused(step, signedIn);
  const headers = { cookie, origin: adminUrl };
  return {
    change: async (changeStep, procedure, input, answer) => {
      const call = {
        step: changeStep,
        url: `${coreUrl}/trpc/${procedure}`,
        method: "POST",
        headers,
        body: input,
      } as const;
      return answer.parse((await ask(call, envelope)).result.data);
    },
    read: async (readStep, procedure, answer) => {
      const call = { step: readStep, url: `${coreUrl}/trpc/${procedure}`, headers };
      return answer.parse((await ask(call, envelope)).result.data);
    },
  };
}

/** Core wraps every answer; one that holds nothing comes without `data`. */
const envelope = z.object({ result: z.object({ data: z.unknown() }) });
