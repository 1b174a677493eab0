import { z } from "zod";
import { type Answer, ask, parseAnswer, refused, send } from "./http.ts";
import { inParallel } from "./in-parallel.ts";
import type { StaffSeed } from "./staff.ts";

export interface DashboardDoor {
  readonly coreUrl: string;
  /** The dashboard's own origin, from which core lets staff sign in. */
  readonly adminUrl: string;
}

export interface Change {
  /** As it stands in the error. */
  readonly step: string;
  readonly input: unknown;
}

/** What a member of staff can do in the dashboard, by the same calls that the dashboard makes. */
export interface Dashboard {
  /** Makes one kind of change many times and answers in the same order. */
  change<S extends z.ZodType>(procedure: string, changes: readonly Change[], answer: S): Promise<z.output<S>[]>;
  read<S extends z.ZodType>(step: string, procedure: string, answer: S): Promise<z.output<S>>;
}

/** Core looks the session up once for a call, however many changes are in it. */
const CHANGES_PER_CALL = 10;
const CALLS_AT_A_TIME = 2;

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
  return {
    change: async (procedure, changes, answer) => {
      const calls = Array.from({ length: Math.ceil(changes.length / CHANGES_PER_CALL) }, (_, index) =>
        changes.slice(index * CHANGES_PER_CALL, (index + 1) * CHANGES_PER_CALL),
      );
      const made = await inParallel(calls, CALLS_AT_A_TIME, async (batch) => {
        const path = batch.map(() => procedure).join(",");
        const body = Object.fromEntries(batch.map(({ input }, index) => [index, input]));
        const step = batch[0]?.step ?? procedure;
        const sent = await send({ step, url: `${coreUrl}/trpc/${path}?batch=1`, method: "POST", headers, body });
        return outcomes(batch, sent, answer);
      });
      return made.flat();
    },
    read: async (step, procedure, answer) => {
      const { result } = await ask({ step, url: `${coreUrl}/trpc/${procedure}`, headers }, envelope);
      return parseAnswer(step, result.data, answer);
    },
  };
}

/** Core wraps every answer; one that holds nothing comes without `data`. */
const envelope = z.object({ result: z.object({ data: z.unknown() }) });

/** Each change of a call succeeds or is refused alone, and the first one refused is told. */
function outcomes<S extends z.ZodType>(batch: readonly Change[], sent: Answer, answer: S): z.output<S>[] {
  const answers: readonly unknown[] = Array.isArray(sent.body) ? sent.body : [];
  return batch.map(({ step }, index) => {
    const done = envelope.safeParse(answers[index]);
    if (!done.success) throw refused(step, { ...sent, body: answers[index] ?? sent.body });
    return parseAnswer(step, done.data.result.data, answer);
  });
}
