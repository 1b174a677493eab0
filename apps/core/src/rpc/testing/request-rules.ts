import type { Request, Shape } from "./procedures.ts";

// How requests of the staff API name things: docs/guide/staff-api.md says it in words.

/** What each of these does to, or with, another thing is all there is to name: they make something for it, or tell what it has. */
const ofAnother: ReadonlySet<string> = new Set([
  "carts.promotions.preview",
  "catalog.categories.save",
  "inventory.adjust",
  "inventory.setBuffer",
  "inventory.transfer",
  "inventory.transfers.send",
  "notifications.preview",
  "orders.changes.commit",
  "orders.changes.ofOrder",
  "orders.changes.preview",
  "orders.fulfilment.create",
  "orders.fulfilment.ofOrder",
  "orders.notes.add",
  "orders.notes.list",
  "orders.notes.timeline",
  "orders.papers.staff.issue",
  "orders.papers.staff.list",
  "orders.returns.staff.create",
  "payments.capture",
  "payments.captureOrder",
  "payments.giftCards.issueStoreCredit",
  "payments.ofOrder",
  "payments.refund",
  "users.groups.addMembers",
  "users.groups.removeMembers",
]);

/** They end nothing: who is no longer in a group, and who is erased by law, is still a customer. */
const noDeletion: ReadonlySet<string> = new Set(["users.groups.removeMembers", "users.eraseCustomer"]);
/** Its list has one page, the most frequent. */
const topOnly: ReadonlySet<string> = new Set(["catalog.search.misses"]);

const otherChange = /^(update|edit|modify|patch|alter|replace)/;
const otherDeletion = /^(remove|erase|forget|drop|destroy|purge|clear)/;
/** A state, or what a setting or a request has the shop do. */
const saysYesOrNo = /^(is[A-Z]|(accept|allow|attach|dry|move|price|refund|release|repair|track)[a-z]*([A-Z]|$))/;
const amountName = /(^a|A)mount$|(^p|P)rice$|(^f|F)ee$|(^t|T)otal$/;
/** What knows its currency by itself: rows that name it, what stands in a draft, an order or a price list. */
const keepsItsCurrency = /(^|\.)(content|entries|lines|prices|rates)\./;
const otherPaging = /^(page|offset|after|before|pageSize|skip|take|count)$/;
const otherVersion = /^(revision|etag|ifMatch|expectedVersion|updatedAt)$/;
const otherReason = /^(because|cause|comment|explanation|why)$/;

interface Member {
  readonly name: string;
  /** Where it stands in the request, with dots. */
  readonly at: string;
  readonly shape: Shape;
}

/** Every named member, however deep; of a list the members of what it lists. */
function membersOf(shape: unknown, at = ""): Member[] {
  if (typeof shape !== "object" || shape === null) return [];
  return Object.entries(shape).flatMap(([key, inner]) => {
    if (key !== "properties") return key === "$defs" ? [] : membersOf(inner, at);
    return Object.entries(inner as Readonly<Record<string, Shape>>).flatMap(([name, member]) => {
      const path = at === "" ? name : `${at}.${name}`;
      return [{ name, at: path, shape: member }, ...membersOf(member, path)];
    });
  });
}

/** The shapes that a request may have. */
function variantsOf(shape: Shape): Shape[] {
  const several = (shape.anyOf ?? shape.oneOf) as readonly Shape[] | undefined;
  return several ? several.flatMap(variantsOf) : [shape];
}

/** How a request differs from the others, in words; nothing when it does not. */
export function differencesOf({ path, shape }: Request): string[] {
  const verb = path.split(".").at(-1) ?? "";
  const told = [
    ...variantsOf(shape).flatMap((variant) => [
      ...idFaults(path, variant),
      ...pageFaults(path, variant),
      ...filterFaults(variant),
      ...(isPlace(variant.properties?.from) ? ["from says from what: fromLocationId, fromChannel"] : []),
    ]),
    ...changeFaults(verb, variantsOf(shape)),
    ...(otherDeletion.test(verb) && !noDeletion.has(path) ? ["deletion is called delete"] : []),
    ...membersOf(shape).flatMap(memberFaults),
  ];
  return [...new Set(told)].map((fault) => `${path}: ${fault}`);
}

function idFaults(path: string, { properties = {}, required = [] }: Shape): string[] {
  if ("id" in properties || "ids" in properties || ofAnother.has(path)) return [];
  return required.filter((name) => /Ids?$/.test(name)).map((name) => `${name} is called id where it is acted upon`);
}

function pageFaults(path: string, { properties = {} }: Shape): string[] {
  if ("cursor" in properties !== "limit" in properties && !topOnly.has(path)) return ["limit and cursor go together"];
  return Object.keys(properties)
    .filter((name) => otherPaging.test(name))
    .map((name) => `${name} is no way to page: limit and cursor are`);
}

/** What is there is changed; what is saved is made where it is not there yet. */
function changeFaults(verb: string, variants: readonly Shape[]): string[] {
  if (otherChange.test(verb)) return ["what is there already is changed: change"];
  const isThere = variants.every(({ required = [] }) => required.includes("id") && required.includes("version"));
  return verb === "save" && isThere ? ["what is saved may be new, and what is there already is changed"] : [];
}

/** A state among what names nothing to act upon narrows a list. */
function filterFaults({ properties = {} }: Shape): string[] {
  if ("id" in properties) return [];
  const singular = ["state", "status"].filter((name) => name in properties && "enum" in (properties[name] ?? {}));
  const single = ["states", "statuses"].filter((name) => name in properties && properties[name]?.type !== "array");
  return [...singular, ...single].map((name) => `${name} of a list are states or statuses, several of them`);
}

function isPlace(from: Shape | undefined): boolean {
  return from?.type === "string" && from.format !== "date-time";
}

function memberFaults({ name, at, shape }: Member): string[] {
  const faults: string[] = [];
  const types = [shape.type].flat();
  const isBoolean = types.includes("boolean") && name !== "value";
  if (isBoolean && !saysYesOrNo.test(name)) faults.push(`${at} says yes or no, so it is is… or what is done`);
  if (types.includes("integer") && amountName.test(name) && !keepsItsCurrency.test(at)) {
    faults.push(`${at} is { amount, currency }`);
  }
  if (otherVersion.test(name)) faults.push(`${at} is called version`);
  if (otherReason.test(name)) faults.push(`${at} is called reason`);
  return faults;
}
