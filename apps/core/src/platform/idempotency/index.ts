export * from "./replayable.ts";
