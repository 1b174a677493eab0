import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { definedMetrics } from "./testing/defined-metrics.ts";

const root = resolve(import.meta.dir, "..");

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  /** What is wrong, and `<page of docs/operations>: <its paragraph that says what to do>`. */
  readonly annotations: { readonly summary: string; readonly do: string };
}

const text = await Bun.file(resolve(root, "deploy/prometheus/alerts.yml")).text();
const { groups } = Bun.YAML.parse(text) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** What an expression reads: names with an underscore, outside of label matchers and of what is grouped by. */
function metricsIn(expr: string): string[] {
  const bare = expr.replaceAll(/\{[^}]*\}|\bby \([^)]*\)|histogram_quantile|last_over_time/g, " ");
  return [...bare.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/g)].map(([name]) => name.replace(/_(?:bucket|count|sum)$/, ""));
}

test("every alert reads metrics that there are", async () => {
  const defined = await definedMetrics();
  expect(rules.length).toBeGreaterThan(15);
  for (const { alert, expr } of rules) {
    const read = metricsIn(expr);
    expect(read, alert).not.toBeEmpty();
    expect(read.filter((name) => !defined.has(name))).toEqual([]);
  }
});

test("every alert has a name of its own and a paragraph of docs/operations that says what to do", async () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { labels, annotations } of rules) {
    expect(["page", "ticket"]).toContain(labels.severity);
    expect(annotations.summary).not.toBeEmpty();
    const [page = "", ...paragraph] = annotations.do.split(": ");
    const lines = (await Bun.file(resolve(root, "docs/operations", page)).text()).split("\n");
    const title = paragraph.join(": ");
    const isThere = lines.some((line) => line.startsWith(`## ${title}`) || line.startsWith(`**${title}`));
    expect(isThere ? annotations.do : `${annotations.do} is not there`).toBe(annotations.do);
  }
});
