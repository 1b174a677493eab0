import { expect, test } from "bun:test";
import { EventEmitter } from "node:events";
import { onceAnOutage } from "./outage.ts";

test("an outage is told once, with its first cause, and the next one anew", () => {
  const connection = new EventEmitter();
  const told: string[] = [];
  onceAnOutage(connection, (error) => told.push(error.message));
  for (const cause of ["refused", "refused", "timed out"]) connection.emit("error", new Error(cause));
  expect(told).toEqual(["refused"]);
  connection.emit("ready");
  connection.emit("error", new Error("reset"));
  expect(told).toEqual(["refused", "reset"]);
});
