import { newId, systemClock } from "@stoa/kernel";
import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { type Actor, refusalOf, type StaffActor } from "../../platform/rpc/index.ts";
import { createRouter, type RouterDeps } from "../router.ts";

/** Stands for every service: whatever is asked of it fails the test, since no call here may get that far. */
const untouched: object = new Proxy(() => undefined, {
  get: (_, name) => (name === Symbol.toPrimitive || name === "then" ? undefined : untouched),
  apply: () => {
    throw new Error("a call reached the shop that should have been refused");
  },
});

const router = createRouter(untouched as RouterDeps);

interface Definition {
  readonly inputs: readonly z.ZodType[];
}
const procedures = router._def.procedures as object as Readonly<Record<string, { readonly _def: Definition }>>;
export const paths = Object.keys(procedures);

const who = { userId: "u", name: "Sam", email: "sam@example.com" };
export const powerless: StaffActor = { ...who, kind: "staff", staffId: newId("stf"), roles: [], rights: new Set() };

/** What comes of calling a procedure as somebody, without any input. */
export async function refusalFor(path: string, actor: Actor): Promise<string> {
  const context = { actor, requestId: "r", traceparent: null, idempotencyKey: null, clock: systemClock };
  let procedure: unknown = router.createCaller(context);
  for (const part of path.split(".")) procedure = Reflect.get(Object(procedure), part);
  try {
    if (typeof procedure !== "function") throw new Error(`${path} is no procedure`);
    await procedure();
    return "let in";
  } catch (error) {
    return error instanceof TRPCError ? refusalOf(error).code : String(error);
  }
}

/** A request as JSON schema says it. */
export interface Shape {
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly [member: string]: unknown;
}

export interface Request {
  readonly path: string;
  readonly shape: Shape;
}

/** What each procedure takes, those without any input left out. */
export const requests: readonly Request[] = Object.entries(procedures).flatMap(([path, { _def }]) =>
  _def.inputs.map((input) => ({
    path,
    shape: z.toJSONSchema(input, { io: "input", unrepresentable: "any", reused: "inline" }) as Shape,
  })),
);

/** The procedures that staff may call; what edge asks for is shaped by the storefront's contract. */
export async function staffPaths(): Promise<ReadonlySet<string>> {
  const found = await Promise.all(paths.map(async (path) => ({ path, code: await refusalFor(path, powerless) })));
  return new Set(found.flatMap(({ path, code }) => (code === "unauthenticated" ? [] : [path])));
}
