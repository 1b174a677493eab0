import { isProblemCode, type ProblemCode } from "@stoa/kernel";
import { TRPCClientError } from "@trpc/client";
import { z } from "zod";

const dataSchema = z.object({
  problem: z.object({
    code: z.string(),
    members: z.looseObject({
      detail: z.string().optional(),
      errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    }),
  }),
});

export interface ShownProblem {
  readonly code: ProblemCode | "unreachable";
  readonly detail: string | null;
  /** What is wrong by the path of the member, e.g. "title". */
  readonly fields: ReadonlyMap<string, string>;
}

/** What core refused, out of whatever was thrown. */
export function problemOf(error: unknown): ShownProblem {
  const parsed = error instanceof TRPCClientError ? dataSchema.safeParse(error.data) : null;
  if (!parsed?.success) return { code: "unreachable", detail: null, fields: new Map() };
  const { code, members } = parsed.data.problem;
  return {
    code: isProblemCode(code) ? code : "internal_error",
    detail: members.detail ?? null,
    fields: new Map(members.errors?.map(({ path, message }) => [path, message])),
  };
}

const words: Partial<Record<ShownProblem["code"], string>> = {
  unreachable: "The shop's core does not answer. Check that it runs, then try again.",
  unauthenticated: "Your session is over. Sign in again.",
  second_factor_required: "Set up a second factor first, under Security.",
  not_found: "It is not there any more.",
  version_conflict: "Somebody else has changed this in the meantime. Reload to see their version.",
  order_not_cancellable: "This order can no longer be cancelled.",
  rate_limited: "That was too often. Wait a moment and try again.",
  internal_error: "Something went wrong inside. It has been logged; try again.",
  service_unavailable: "A service that this needs is away. Try again in a moment.",
  state_conflict: "This is not possible in the state it is in now.",
};

/** A sentence for people. A detail from core says more than the general words for its code. */
export function wordsOf(error: unknown): string {
  const { code, detail, fields } = problemOf(error);
  if (code === "forbidden") return `Your role does not allow this${detail ? `: it ${detail}` : ""}.`;
  if (code === "validation_failed") {
    const told = [...fields].map(([path, message]) => (path ? `${path} ${message}` : message));
    return told.length > 0 ? asSentence(told.join("; ")) : "Some of this is not valid.";
  }
  return detail ? asSentence(detail) : (words[code] ?? "This was refused.");
}

function asSentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(upper) ? upper : `${upper}.`;
}
