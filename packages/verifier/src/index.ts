export type { Breach, Invariant, Mode } from "./invariant.ts";
export { invariants } from "./invariants/index.ts";
export { openStores, type StoreNames, type Stores } from "./stores.ts";
export { type InvariantReport, isWhole, type Verdict, verify } from "./verify.ts";
