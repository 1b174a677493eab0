import { Problem } from "@stoa/kernel";
import { TRPCError } from "@trpc/server";
import { refusalOf } from "../platform/rpc/index.ts";

/** The code of the problem by which something is refused, by a verb or by a procedure. @throws when it is not refused. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  const failure: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (failure instanceof Problem) return failure.code;
  if (failure instanceof TRPCError) return refusalOf(failure).code;
  throw new Error("was not refused", { cause: failure });
}
