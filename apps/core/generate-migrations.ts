import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { migratedModules } from "./src/platform/db/migrate.ts";

// `bun generate-migrations.ts [module…]`: writes a migration for what changed in each module's tables.ts.
const wanted = process.argv.slice(2);
for (const module of migratedModules) {
  const name = module.replace("services/", "");
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (!existsSync(resolve(import.meta.dir, "src", module, "tables.ts"))) continue;
  const out = `src/${module}/migrations`;
  const run = Bun.spawnSync(
    [
      "bunx",
      "--bun",
      "drizzle-kit",
      "generate",
      "--dialect",
      "postgresql",
      "--schema",
      `src/${module}/tables.ts`,
      "--out",
      out,
    ],
    { cwd: import.meta.dir, stdio: ["inherit", "inherit", "inherit"] },
  );
  if (run.exitCode !== 0) process.exit(run.exitCode);
}
