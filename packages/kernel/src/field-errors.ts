import type { z } from "zod";
import type { FieldError } from "./problems.ts";

const ERRORS_MAX = 20;
const NAME_LENGTH_MAX = 100;
const MESSAGE_LENGTH_MAX = 300;

/** What is wrong with a shape, by the path of each member; repeats no value. */
export function fieldErrors({ issues }: z.ZodError, at = ""): FieldError[] {
  return issues.flatMap((issue) => errorsOf(issue, at)).slice(0, ERRORS_MAX);
}

function errorsOf(issue: z.core.$ZodIssue, at: string): FieldError[] {
  const path = joined(at, ...issue.path.map(String)).slice(0, NAME_LENGTH_MAX * 3);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: joined(path, key.slice(0, NAME_LENGTH_MAX)), message: "unknown member" }));
  }
  if (issue.code === "invalid_union") return errorsOfUnion(issue, path);
  return [{ path, message: issue.message }];
}

/** Of several shapes the one is meant that least speaks against; a value that is none of several kinds is told what it may be. */
function errorsOfUnion({ errors, message }: z.core.$ZodIssueInvalidUnion, path: string): FieldError[] {
  // A list that is too long was meant to be a list, and no text.
  const ofItsKind = errors.filter((issues) => !issues.some(isOtherKind));
  const told = (ofItsKind.length > 0 ? ofItsKind : errors).map((issues) =>
    issues.flatMap((issue) => errorsOf(issue, path)),
  );
  const [nearest, ...others] = told.toSorted((left, right) => left.length - right.length);
  if (!nearest) return [{ path, message }];
  if (nearest.some((error) => error.path !== path)) return nearest;
  const kinds = [nearest, ...others].flatMap((one) => (one[0]?.path === path ? [one[0].message] : []));
  return [{ path, message: [...new Set(kinds)].join(", or ").slice(0, MESSAGE_LENGTH_MAX) }];
}

function isOtherKind(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" && issue.path.length === 0;
}

function joined(...parts: string[]): string {
  return parts.filter((part) => part !== "").join(".");
}
