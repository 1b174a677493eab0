import { expect, test } from "bun:test";
import { TRPCClientError } from "@trpc/client";
import { problemOf, wordsOf } from "./problems.ts";

function refusal(code: string, members: object): TRPCClientError<never> {
  const error = {
    message: code,
    code: -32_000,
    data: { code: "CONFLICT", httpStatus: 409, problem: { code, members } },
  };
  return TRPCClientError.from({ error } as never);
}

test("a refusal's field errors are found by their path", () => {
  const shown = problemOf(refusal("validation_failed", { errors: [{ path: "title", message: "too long" }] }));
  expect(shown.fields.get("title")).toBe("too long");
});

test("a code becomes plain words, and core's own detail goes first", () => {
  expect(wordsOf(refusal("version_conflict", {}))).toContain("Somebody else");
  expect(wordsOf(refusal("state_conflict", { detail: "Only a stuck saga can be tried again." }))).toBe(
    "Only a stuck saga can be tried again.",
  );
});

test("a core that does not answer is said so", () => {
  expect(wordsOf(new TypeError("fetch failed"))).toContain("does not answer");
});
