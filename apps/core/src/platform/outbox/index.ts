export * from "./enqueue.ts";
export * from "./inbox.ts";
export * from "./message.ts";
export * from "./queries.ts";
export * from "./relay.ts";
