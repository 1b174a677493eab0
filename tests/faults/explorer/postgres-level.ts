import { explore } from "./explore.ts";
import { openLaboratory } from "./laboratory.ts";
import { drawScenario } from "./scenario.ts";

export interface SeedReport {
  readonly seed: number;
  readonly breaches: readonly string[];
  readonly trace: readonly string[];
  readonly kills: number;
  readonly steps: number;
}

/** Runs seeds one after another on a database of their own. Give it to no two runs of one process at once: time and ids are global. */
export async function exploreOnPostgres(
  adminUrl: string,
  seeds: Iterable<number>,
  told: (report: SeedReport) => void,
): Promise<void> {
  await using lab = await openLaboratory(adminUrl, `stoa_faults_${process.pid}`);
  for (const seed of seeds) {
    const [stripe, paypal] = await Promise.all([lab.provider(), lab.paypal()]);
    try {
      told(await explore({ ...lab, scenario: drawScenario(seed), stripe, paypal }));
    } finally {
      await Promise.all([stripe.stop(), paypal.stop()]);
    }
  }
}
