/// <reference path="./fengari.d.ts" />
import { createRequire } from "node:module";

// Fengari's modules need each other in a circle, so whichever is loaded first decides whether the others find what they need.
// Imports of several of them may be evaluated in any order; required one after another they come in by the front door.
const load = createRequire(import.meta.url);

export const fengari: typeof import("fengari").default = load("fengari");
export const lobject: typeof import("fengari/src/lobject.js").default = load("fengari/src/lobject.js");
export const lstring: typeof import("fengari/src/lstring.js").default = load("fengari/src/lstring.js");
