import { z } from "zod";
import type { FaultAction, FaultRule, Faults } from "../faults.ts";
import { type DoorAnswer, type DoorRequest, jsonAnswer } from "./http-door.ts";
import type { StandInClock } from "./stand-in-clock.ts";

const CONTROL_PREFIX = "/_stoa/";
const ADVANCE_SECONDS_MAX = 400 * 24 * 60 * 60;

const actionSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("fail"),
    status: z.int().min(400).max(599).exactOptional(),
    code: z.string().max(100).exactOptional(),
    retryAfterSeconds: z.int().min(0).max(86_400).exactOptional(),
  }),
  z.strictObject({ kind: z.literal("delay"), delayMs: z.int().min(0).max(600_000) }),
  z.strictObject({ kind: z.literal("drop") }),
  z.strictObject({ kind: z.literal("loseAnswer") }),
  z.strictObject({ kind: z.literal("duplicate") }),
  z.strictObject({ kind: z.literal("reorder") }),
]) satisfies z.ZodType<FaultAction>;

const ruleSchema = z.strictObject({
  operation: z.string().min(1).max(100),
  action: actionSchema,
  times: z.int().min(1).exactOptional(),
  after: z.int().min(0).exactOptional(),
  probability: z.number().min(0).max(1).exactOptional(),
}) satisfies z.ZodType<FaultRule>;

const advanceSchema = z.strictObject({ seconds: z.int().min(1).max(ADVANCE_SECONDS_MAX) });

export interface ControlOptions {
  readonly faults: Faults;
  readonly clock: StandInClock;
  /** Every operation a rule may name, beside "*". */
  readonly operations: readonly string[];
  readonly books: () => unknown;
  /** Called after the clock moved, so that what has become due happens before the answer. */
  readonly clockMoved: () => void;
}

/**
 * Answers `/_stoa/…`: `GET books`, `POST faults` (one rule), `DELETE faults`, `POST clock` (`{ "seconds": n }`).
 * Null when the path is not one of these. Only a stand-in started with faults may call it.
 */
export function answerControl(request: DoorRequest, options: ControlOptions): DoorAnswer | null {
  if (!request.path.startsWith(CONTROL_PREFIX)) return null;
  switch (`${request.method} ${request.path.slice(CONTROL_PREFIX.length)}`) {
    case "GET books":
      return jsonAnswer(200, options.books());
    case "DELETE faults":
      options.faults.clear();
      return jsonAnswer(200, { armed: 0 });
    case "POST faults": {
      const rule = ruleSchema.safeParse(parseJson(request.body));
      if (!rule.success) return jsonAnswer(422, { error: z.prettifyError(rule.error) });
      if (rule.data.operation !== "*" && !options.operations.includes(rule.data.operation)) {
        return jsonAnswer(422, { error: `No operation ${rule.data.operation}`, operations: options.operations });
      }
      options.faults.arm(rule.data);
      return jsonAnswer(200, { armed: rule.data });
    }
    case "POST clock": {
      const advance = advanceSchema.safeParse(parseJson(request.body));
      if (!advance.success) return jsonAnswer(422, { error: z.prettifyError(advance.error) });
      options.clock.advance(advance.data.seconds * 1000);
      options.clockMoved();
      return jsonAnswer(200, { now: new Date(options.clock.now()).toISOString() });
    }
    default:
      return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
