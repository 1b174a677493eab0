import type { Metrics } from "@stoa/runtime/portable";

export type SearchOutcome = "found" | "nothing";

/** Counts searches that were made, answers that are held not among them; how long the engine took is told of its calls. */
export function countSearches(metrics: Metrics): (outcome: SearchOutcome) => void {
  const count = metrics.counter({
    name: "searches_total",
    help: "Searches by whether they found anything.",
    labels: ["outcome"],
  });
  return (outcome) => count({ outcome });
}
