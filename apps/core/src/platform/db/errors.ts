import { DrizzleQueryError } from "drizzle-orm";
import postgres from "postgres";

/** The Postgres error under a failed statement, or null when it failed for another reason. */
export function postgresError(error: unknown): postgres.PostgresError | null {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  return cause instanceof postgres.PostgresError ? cause : null;
}

/** Whether a unique constraint refused the write; `constraint` narrows it to one. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const refused = postgresError(error);
  return refused?.code === "23505" && (constraint === undefined || refused.constraint_name === constraint);
}
