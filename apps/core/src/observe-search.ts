import type { Metrics } from "@stoa/runtime";

/** Products that the search index has yet to take in. */
export function searchObserver(metrics: Metrics): (backlog: number) => void {
  const waiting = metrics.gauge({
    name: "search_backlog",
    help: "Products that the search index does not show as they are",
    labels: [],
  });
  return (backlog) => waiting({}, backlog);
}
