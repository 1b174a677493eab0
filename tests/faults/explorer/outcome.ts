/** What came of a call. */
export type Outcome<Result> =
  | { readonly kind: "answer"; readonly value: Result }
  | { readonly kind: "refusal"; readonly code: string }
  | { readonly kind: "silence" };

/** The code of a refusal; a procedure wraps what its verb refused. Null for what is none. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error.name === "Problem" && "code" in error && typeof error.code === "string") return error.code;
  return codeOf(error.cause);
}
