import { parseArgs } from "node:util";
import { Problem } from "@stoa/kernel";
import { addStaff, defaultRoles, newStaffSchema, recoverStaff } from "../services/users/index.ts";
import type { Output } from "./output.ts";

type StaffCommandDeps = Parameters<typeof addStaff>[0] &
  Parameters<typeof recoverStaff>[0] & { readonly output: Output };

const USAGE = `Usage: stoa staff add --name <name> --email <e-mail> [--role <role> …]
       stoa staff reset-factor --email <e-mail>

add lets a person into the dashboard. Without --password one is made and shown once.
reset-factor takes a person's authenticator app and passkeys away and signs them out: for who has lost them and has no back-up code.

Options:
  --name <name>          as it stands in timelines and in the audit log
  --email <e-mail>       what they sign in with
  --role <role>          ${Object.keys(defaultRoles).join(", ")}; may be given several times (default: support)
  --password <password>  at least 8 characters
  --help                 show this text
`;

const options = {
  name: { type: "string" },
  email: { type: "string" },
  role: { type: "string", multiple: true },
  password: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

const operator = { kind: "system", name: "command line" } as const;

/** Runs `stoa staff …`. Answers the exit code: 0, 1 when it was refused, 2 for arguments that are wrong. */
export async function runStaff(args: readonly string[], deps: StaffCommandDeps): Promise<number> {
  const { output } = deps;
  const [verb, ...rest] = args;
  if (args.includes("--help") || args.includes("-h")) {
    output.write(USAGE);
    return 0;
  }
  if (verb !== "add" && verb !== "reset-factor") {
    output.write(`${verb === undefined ? "What about staff?" : `There is no command staff ${verb}.`}\n\n${USAGE}`);
    return 2;
  }
  try {
    return await (verb === "add" ? add(rest, deps) : resetFactor(rest, deps));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    output.write(`${error.members.errors?.[0]?.message ?? error.message}\n`);
    return 1;
  }
}

async function add(args: readonly string[], deps: StaffCommandDeps): Promise<number> {
  const { output } = deps;
  const input = readInput(args);
  if (typeof input === "string") {
    output.write(`${input}\n\n${USAGE}`);
    return 2;
  }
  await addStaff(deps, input, operator);
  output.write(`${input.name} may sign in as ${input.email} (${input.roles.join(", ")}).\n`);
  if (!args.some((argument) => argument.startsWith("--password"))) output.write(`Password: ${input.password}\n`);
  return 0;
}

async function resetFactor(args: readonly string[], deps: StaffCommandDeps): Promise<number> {
  const [flag, email, ...others] = args;
  if (flag !== "--email" || email === undefined || others.length > 0) {
    deps.output.write(`--email is missing\n\n${USAGE}`);
    return 2;
  }
  await recoverStaff(deps, email.toLowerCase(), operator);
  deps.output.write(`${email} signs in with the password alone now, and is signed out everywhere.\n`);
  return 0;
}

function readInput(args: readonly string[]) {
  try {
    const { values } = parseArgs({ args: [...args], options });
    for (const name of ["name", "email"] as const) if (values[name] === undefined) return `--${name} is missing`;
    const parsed = newStaffSchema.safeParse({
      name: values.name,
      email: values.email,
      roles: values.role ?? ["support"],
      password: values.password ?? newPassword(),
    });
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    return `--${String(issue?.path[0]).replace("roles", "role")}: ${issue?.message}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** 96 random bits. */
function newPassword(): string {
  return crypto.getRandomValues(new Uint8Array(12)).toBase64({ alphabet: "base64url" });
}
