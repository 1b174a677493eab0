import { resolve } from "node:path";

const ROOT = resolve(import.meta.dir, "../../../..");
const COMMAND_LINE = "apps/core/src/cli/run.ts";

export interface StaffSeed {
  readonly role: "owner" | "manager" | "support" | "warehouse";
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export const owner: StaffSeed = {
  role: "owner",
  name: "Olivia Brandt",
  email: "owner@demo.stoa",
  password: "stoa-demo-owner",
};

/** Everybody else who works in the demo shop, one for each role. */
export const colleagues: readonly StaffSeed[] = [
  { role: "manager", name: "Marek Nowak", email: "manager@demo.stoa", password: "stoa-demo-manager" },
  { role: "support", name: "Sofia Lindqvist", email: "support@demo.stoa", password: "stoa-demo-support" },
  { role: "warehouse", name: "Winston Adeyemi", email: "warehouse@demo.stoa", password: "stoa-demo-warehouse" },
];

/** Lets a person into the dashboard by the shop's own command line. @throws Error with what the command said. */
export async function addStaff(env: Readonly<Record<string, string>>, person: StaffSeed): Promise<void> {
  const { name, email, role, password } = person;
  const options = ["--name", name, "--email", email, "--role", role, "--password", password];
  const command = Bun.spawn([process.execPath, COMMAND_LINE, "staff", "add", ...options], {
    cwd: ROOT,
    env: { ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, error, code] = await Promise.all([
    new Response(command.stdout).text(),
    new Response(command.stderr).text(),
    command.exited,
  ]);
  if (code !== 0) throw new Error(`adding ${email} to the staff failed: ${`${out}${error}`.trim()}`);
}
