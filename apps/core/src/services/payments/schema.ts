import { pgSchema } from "drizzle-orm/pg-core";

/** The Postgres schema of this service; no other service names a table in it. */
export const payments = pgSchema("payments");
