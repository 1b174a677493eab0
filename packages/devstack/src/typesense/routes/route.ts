import { type DoorAnswer, jsonAnswer } from "../../stand-in/http-door.ts";
import type { Engine } from "../engine.ts";
import { malformed } from "../errors.ts";
import type { Json } from "../json.ts";
import type { Access } from "../keys.ts";

export interface Call {
  readonly engine: Engine;
  /** What stood in the path where the pattern has a name, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
  readonly access: Access;
}

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `/collections/:collection/documents/:id`. */
  readonly pattern: string;
  /** The right it takes, which also names it for faults, e.g. `documents:search`. */
  readonly action: string;
  run(call: Call): DoorAnswer | Promise<DoorAnswer>;
}

export type Run = (call: Call) => unknown;

const routeOf =
  (method: Route["method"]) =>
  (pattern: string, action: string, run: Run, status = 200): Route => ({
    method,
    pattern,
    action,
    run: (call) => jsonAnswer(status, run(call)),
  });

/** Routes that answer JSON, by method: `route.get("/keys/:id", "keys:get", …)`. */
export const route = {
  get: routeOf("GET"),
  post: routeOf("POST"),
  put: routeOf("PUT"),
  patch: routeOf("PATCH"),
  delete: routeOf("DELETE"),
};

/** A part of the path that the pattern names. */
export function part(call: Call, name: string): string {
  return call.path[name] ?? "";
}

export function jsonBody(call: Call): Json {
  try {
    return JSON.parse(call.body);
  } catch {
    throw malformed("Bad JSON.");
  }
}

export function isTrue(value: string | undefined): boolean {
  return value === "true" || value === "1";
}
