import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { Glob } from "bun";

// `bun run verify`: everything that can be known about the code without starting a service. Seconds.

const root = resolve(import.meta.dir, "..");

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

function checks(): Check[] {
  const projects = [...new Glob("{apps,packages}/*/tsconfig.json").scanSync({ cwd: root })].sort();
  return [
    { name: "format and lint", command: ["bunx", "biome", "ci", "--error-on-warnings", "."] },
    { name: "import rules", command: ["bun", "scripts/boundaries/run.ts"] },
    { name: "dead code", command: ["bunx", "--bun", "knip", "--no-progress"] },
    ...["tsconfig.json", "tests/tsconfig.json", ...projects].map((project) => ({
      name: `types of ${project.replace(/\/?tsconfig\.json$/, "") || "scripts"}`,
      command: ["bunx", "tsc", "--noEmit", "-p", project],
    })),
  ];
}

interface Result {
  readonly check: Check;
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

async function run(check: Check): Promise<Result> {
  const startedAt = performance.now();
  const child = Bun.spawn([...check.command], { cwd: root, stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  const seconds = (performance.now() - startedAt) / 1_000;
  return { check, ok: exitCode === 0, output: `${stdout}${stderr}`.trim(), seconds };
}

/** Runs all checks, as many at once as there are processors. Answers how many passed and failed. */
export async function verify(): Promise<{ readonly passed: number; readonly failed: number }> {
  if (existsSync(resolve(root, "bun.lock"))) {
    console.error("bun.lock lies beside bun.lockb and would win; delete it and run bun install");
    return { passed: 0, failed: 1 };
  }
  const waiting = checks();
  let passed = 0;
  let failed = 0;
  const worker = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const result = await run(check);
      console.log(`${result.ok ? "ok  " : "FAIL"} ${check.name} (${result.seconds.toFixed(1)} s)`);
      if (!result.ok) console.log(result.output);
      if (result.ok) passed += 1;
      else failed += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, navigator.hardwareConcurrency) }, worker));
  return { passed, failed };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { help: { type: "boolean", short: "h" } } });
  if (values.help) {
    console.log("bun run verify: format, lint, import rules, types and dead code. Starts no service.");
    process.exit(0);
  }
  const { failed } = await verify();
  process.exit(failed === 0 ? 0 : 1);
}
