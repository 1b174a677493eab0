import { parseArgs } from "node:util";
import type { Clock } from "@stoa/kernel";
import type { Projections } from "../projections/index.ts";
import { type Output, ProgressLine, table } from "./output.ts";

export interface RebuildCommandDeps {
  readonly projections: Pick<Projections, "rebuild">;
  readonly clock: Clock;
  readonly output: Output;
  readonly signal?: AbortSignal;
}

const USAGE = `Usage: stoa rebuild

Writes every read model (Redis, search index) anew from the databases, while the shop is open. What is right already
stays untouched; what belongs to nothing any more goes. docs/operations/read-models.md says when it is needed.

Options:
  --help   show this text
`;

/** Runs `stoa rebuild`. Answers the exit code: 0, 1 when another rebuild is under way, 2 for arguments that are wrong. */
export async function runRebuild(args: readonly string[], deps: RebuildCommandDeps): Promise<number> {
  const { output, clock, signal } = deps;
  try {
    const { values } = parseArgs({ args: [...args], options: { help: { type: "boolean", short: "h" } } });
    if (values.help) {
      output.write(USAGE);
      return 0;
    }
  } catch (error) {
    output.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  const startedAt = clock.now();
  const line = new ProgressLine(output, () => clock.now());
  const result = await deps.projections
    .rebuild({
      progress: ({ step, done, total }) => line.show(`${step}: ${done} of ${total}`),
      ...(signal && { signal }),
    })
    .finally(() => line.end());
  if (result === null) {
    output.write("Another process is rebuilding the read models already.\n");
    return 1;
  }
  const seconds = ((clock.now() - startedAt) / 1_000).toFixed(1);
  output.write("Rebuilt.\n");
  output.write(
    table([
      ["products", result.products],
      ["search documents", result.documents],
      ["keys removed", result.removed],
      ["seconds", seconds],
    ]),
  );
  return 0;
}
