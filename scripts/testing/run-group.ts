import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tally, tallyOf } from "./tally.ts";

/** Tests that run in one process, from one folder. */
export interface TestGroup {
  readonly name: string;
  readonly cwd: string;
  /** Where the JUnit report goes is added by the caller of the command. */
  readonly command: (reportFile: string) => readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const TIMEOUT_MS = 15 * 60 * 1_000;

/** Runs a group and tells how it went; its output is shown only when something failed. */
export async function runGroup(group: TestGroup): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-test-"));
  try {
    const reportFile = join(folder, "report.xml");
    const startedAt = performance.now();
    const child = Bun.spawn([...group.command(reportFile)], {
      cwd: group.cwd,
      env: { ...process.env, ...group.env },
      stdout: "pipe",
      stderr: "pipe",
      timeout: TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
    const [stdout, stderr, exitCode] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    const file = Bun.file(reportFile);
    const tally = tallyOf((await file.exists()) ? await file.text() : null, exitCode);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    console.log(
      `${tally.failed === 0 ? "ok  " : "FAIL"} ${group.name}: ${tally.passed} passed, ${tally.failed} failed (${seconds} s)`,
    );
    if (tally.failed > 0) console.log(withoutPasses(`${stdout}\n${stderr}`));
    return tally;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function withoutPasses(output: string): string {
  return output
    .split("\n")
    .filter((line) => !line.startsWith("(pass)") && !line.startsWith("(skip)"))
    .join("\n");
}
