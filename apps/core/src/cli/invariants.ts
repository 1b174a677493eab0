import { openStores, verify } from "@stoa/verifier";
import type { CoreConfig } from "../config.ts";
import type { Finding } from "./doctor.ts";

const SHOWN_MAX = 3;

/**
 * Asks a verifier that shares no code with the platform, over connections of its own, what an open shop can be asked.
 * What is under way gets the time it may take.
 */
export async function examineInvariants(config: CoreConfig, now: Date): Promise<Finding> {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, MONGODB_URL: mongodbUrl } = config;
  await using stores = await openStores({ databaseUrl, redisUrl, mongodbUrl });
  const reports = await verify(stores, { mode: "live", now });
  const broken = reports.filter((report) => report.verdict === "broken");
  if (broken.length === 0) {
    const asked = reports.filter((report) => report.verdict === "holds");
    return { verdict: "ok", what: `${asked.length} of ${reports.length} asked, all hold` };
  }
  const shown = broken.slice(0, SHOWN_MAX).map(({ number, breaches }) => `${number}: ${breaches[0]}`);
  return {
    verdict: "bad",
    what: `${broken.length} do not hold; ${shown.join("; ")}`,
    remedy: "docs/operations/faults.md says what each number means and what to do.",
  };
}
