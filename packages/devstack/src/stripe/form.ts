import { invalidParameter } from "./errors.ts";
import type { StripeValue } from "./objects.ts";

const PARAMETERS_MAX = 1_000;
const DEPTH_MAX = 6;

export type Form = { [name: string]: StripeValue };

/**
 * Reads Stripe's form encoding: `metadata[order]=7`, `expand[0]=latest_charge`, `payment_method_types[]=card`.
 * Every value stays a string; an object whose keys are all indexes becomes an array.
 */
export function parseForm(text: string): Form {
  const root = emptyNode();
  let count = 0;
  for (const [key, value] of new URLSearchParams(text)) {
    count += 1;
    if (count > PARAMETERS_MAX) throw invalidParameter("Too many parameters");
    place(root, segmentsOf(key), value);
  }
  return Object.fromEntries([...root.children].map(([name, node]) => [name, shapeOf(node)]));
}

interface Node {
  readonly children: Map<string, Node>;
  value: string | null;
}

function emptyNode(): Node {
  return { children: new Map(), value: null };
}

function segmentsOf(key: string): string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(key);
  if (match === null) throw unknownParameter(key);
  const [, first = "", rest = ""] = match;
  const segments = [first, ...Array.from(rest.matchAll(/\[([^[\]]*)\]/g), (inner) => inner[1] ?? "")];
  if (segments.length > DEPTH_MAX || segments.includes("__proto__")) throw unknownParameter(key);
  return segments;
}

export function unknownParameter(name: string): Error {
  const shown = name.slice(0, 100);
  return invalidParameter(`Received unknown parameter: ${shown}`, "parameter_unknown", shown);
}

function place(root: Node, segments: readonly string[], value: string): void {
  let node = root;
  for (const segment of segments) {
    // "[]" appends: its index is the number of items so far.
    const name = segment === "" ? String(node.children.size) : segment;
    const child = node.children.get(name) ?? emptyNode();
    node.children.set(name, child);
    node = child;
  }
  node.value = value;
}

function shapeOf(node: Node): StripeValue {
  if (node.children.size === 0) return node.value ?? "";
  const names = [...node.children.keys()];
  if (names.every((name, index) => name === String(index))) return [...node.children.values()].map(shapeOf);
  return Object.fromEntries([...node.children].map(([name, child]) => [name, shapeOf(child)]));
}
