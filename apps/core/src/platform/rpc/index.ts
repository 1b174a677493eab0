export * from "./actor.ts";
export * from "./procedures.ts";
export * from "./rights.ts";
