import { parseArgs } from "node:util";
import type { Clock, Instant } from "@stoa/kernel";
import { type PaymentEventDeps, providerNames, reconcile } from "../services/payments/index.ts";
import { type Output, table } from "./output.ts";

export interface ReconcileCommandDeps {
  readonly payments: PaymentEventDeps;
  readonly clock: Clock;
  readonly output: Output;
}

const USAGE = `Usage: stoa reconcile [--provider <name>] [--from <date>] [--until <date>] [--list-only]

Compares our books with each payment provider's own, lists what does not agree, and repairs what needs no judgement.

Options:
  --provider <name>   stripe or paypal; all that keep books when left out
  --from <date>       payments begun since then, such as 2026-11-01; a week ago when left out
  --until <date>      and before then; now when left out
  --list-only         repair nothing
  --help              show this text
`;

const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;
const ITEMS_SHOWN_MAX = 100;

/** Runs `stoa reconcile`. Answers the exit code: 0 when all agrees or was repaired, 1 when not, 2 for arguments that are wrong. */
export async function runReconcile(args: readonly string[], deps: ReconcileCommandDeps): Promise<number> {
  const { output, payments } = deps;
  const command = readArguments(args, deps.clock.now());
  if (typeof command === "string") {
    output.write(command === "" ? USAGE : `${command}\n\n${USAGE}`);
    return command === "" ? 0 : 2;
  }
  let isWell = true;
  const { provider: only, from, until, repairs } = command;
  for (const { name, keepsBooks } of payments.providers.values()) {
    if (!keepsBooks || (only !== undefined && only !== name)) continue;
    const run = await reconcile(payments, { provider: name, from, until, repairs, trigger: "cli" });
    if (!run) continue;
    isWell &&= run.repaired === run.found;
    output.write(`${name}\n`);
    output.write(
      table([
        ["compared", run.compared],
        ["lines of its statement", run.listed],
        ["of them without our mark", run.unmarked],
        ["do not agree", run.found],
        ["repaired", run.repaired],
      ]),
    );
    for (const item of run.items.slice(0, ITEMS_SHOWN_MAX)) {
      const what = item.paymentId ?? item.orderId ?? "";
      output.write(
        `  ${item.kind} ${item.reference ?? ""} ${what} ${item.result}${item.note ? `: ${item.note}` : ""}\n`,
      );
    }
  }
  return isWell ? 0 : 1;
}

function readArguments(args: readonly string[], now: Instant) {
  const options = {
    provider: { type: "string" },
    from: { type: "string" },
    until: { type: "string" },
    "list-only": { type: "boolean" },
    help: { type: "boolean", short: "h" },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) return "";
    const provider = providerNames.find((name) => name === values.provider);
    if (values.provider !== undefined && !provider) return `There is no provider ${values.provider}.`;
    const from = values.from === undefined ? now - WEEK_MS : Date.parse(values.from);
    const until = values.until === undefined ? now : Date.parse(values.until);
    if (Number.isNaN(from) || Number.isNaN(until) || until <= from)
      return "--from and --until must be dates, in that order.";
    return { provider, from: from as Instant, until: until as Instant, repairs: values["list-only"] !== true };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
