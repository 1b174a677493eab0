import { problem } from "@stoa/kernel";

const PARAMETERS_MAX = 150;

/**
 * A query string as the contract's schemas take it: a string for a name that stands once, an array for one that is repeated,
 * `attr.color=red` under `attr: { color: … }`. @throws problem `validation_failed` for too many parameters, and one that no object can hold.
 */
export function queryMembers(search: URLSearchParams): Record<string, unknown> {
  const members = new Map<string, string | string[]>();
  const attributes = new Map<string, string | string[]>();
  let count = 0;
  for (const [name, value] of search) {
    count += 1;
    if (count > PARAMETERS_MAX) throw problem("validation_failed", { detail: "Too many query parameters." });
    // An object takes this name for something else, and what is dropped would filter nothing.
    if (name === "attr.__proto__")
      throw problem("validation_failed", { errors: [{ path: name, message: "is no attribute" }] });
    if (name.startsWith("attr.")) append(attributes, name.slice("attr.".length), value);
    else append(members, name, value);
  }
  const query: Record<string, unknown> = Object.fromEntries(members);
  if (attributes.size > 0) query.attr = Object.fromEntries(attributes);
  return query;
}

function append(members: Map<string, string | string[]>, name: string, value: string): void {
  const present = members.get(name);
  if (present === undefined) members.set(name, value);
  else members.set(name, [present, value].flat());
}
