import { invalidParameter } from "./errors.ts";
import type { Turn } from "./turn.ts";

const EXPANSION_DEPTH_MAX = 4;
const expandable = ["charge", "customer", "latest_charge", "payment_intent", "payment_method", "source"] as const;

/**
 * A copy of the answer with the ids on these paths replaced by their objects: `latest_charge`, `data.payment_intent`,
 * `latest_charge.payment_method`. What cannot be expanded is refused.
 */
export function expandPaths(turn: Turn, answer: unknown, paths: readonly string[]): unknown {
  const copy: unknown = structuredClone(answer);
  for (const path of paths) expandPath(turn, copy, path.split("."), path);
  return copy;
}

function expandPath(turn: Turn, target: unknown, segments: readonly string[], path: string): void {
  const [segment, ...rest] = segments;
  if (segment === undefined || typeof target !== "object" || target === null) return;
  if (segments.length > EXPANSION_DEPTH_MAX) throw cannotExpand(path);
  const value: unknown = Reflect.get(target, segment);
  if (segment === "data" && Array.isArray(value)) {
    for (const item of value) expandPath(turn, item, rest, path);
    return;
  }
  const known = expandable.some((name) => name === segment);
  if (!known || value === undefined) throw cannotExpand(path);
  if (typeof value === "string") Reflect.set(target, segment, structuredClone(objectOf(turn, value)));
  expandPath(turn, Reflect.get(target, segment), rest, path);
}

function objectOf(turn: Turn, id: string): unknown {
  const records = [turn.charges, turn.customers, turn.intents, turn.methods, turn.refunds, turn.disputes];
  for (const kind of records) {
    const found = kind.find(id);
    if (found !== null) return found.view;
  }
  return id;
}

function cannotExpand(path: string): Error {
  return invalidParameter(`This property cannot be expanded (${path.slice(0, 100)}).`, undefined, "expand");
}
