import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";

/** Any number that nobody else in this database uses for an advisory lock. */
const MIGRATION_LOCK = 7_205_011;

/** Folders with migrations, in the order in which they run: the platform first, then each service's own. */
export const migratedModules = [
  "platform",
  "services/users",
  "services/inventory",
  "services/payments",
  "services/carts",
  "services/orders",
  "notifications",
] as const;

/**
 * Brings every schema up to date. Several processes may start at once: an advisory lock lets one go first,
 * because drizzle's migrator fails when two create its table together.
 */
export async function migrateDatabase(url: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => undefined, connect_timeout: 5 });
  try {
    await client`select pg_advisory_lock(${MIGRATION_LOCK})`;
    const db = drizzle(client);
    for (const module of migratedModules) {
      const migrationsFolder = resolve(import.meta.dir, "../..", module, "migrations");
      if (!existsSync(migrationsFolder)) continue;
      const migrationsTable = `migrations_${module.replace("services/", "")}`;
      await migrate(db, { migrationsFolder, migrationsTable, migrationsSchema: "stoa_migrations" });
    }
  } finally {
    await client.end({ timeout: 5 });
  }
}
