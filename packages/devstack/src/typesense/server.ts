import type { Faults } from "../faults.ts";
import { throughFaults } from "../stand-in/fault-gate.ts";
import {
  type Door,
  type DoorAnswer,
  type DoorOutcome,
  type DoorRequest,
  headerOf,
  jsonAnswer,
  openDoor,
} from "../stand-in/http-door.ts";
import { Engine } from "./engine.ts";
import { malformed, notFound, TypesenseError } from "./errors.ts";
import { demand, unauthorized } from "./keys.ts";
import { BODY_BYTES_MAX, QUERY_STRING_MAX } from "./limits.ts";
import { collectionRoutes } from "./routes/collections.ts";
import { documentRoutes } from "./routes/documents.ts";
import { operationRoutes } from "./routes/operations.ts";
import type { Route } from "./routes/route.ts";
import { searchRoutes } from "./routes/search.ts";
import { setRoutesAll } from "./routes/sets.ts";
import { settingRoutes } from "./routes/settings.ts";

export interface ServerOptions {
  readonly port: number;
  readonly dataDir: string | null;
  readonly apiKey: string;
  readonly faults: Faults | null;
}

interface Found {
  readonly route: Route;
  readonly path: Readonly<Record<string, string>>;
}

// Fixed words come before names, so that a document called "search" cannot hide the search.
const routes = [
  ...searchRoutes,
  ...documentRoutes,
  ...collectionRoutes,
  ...setRoutesAll,
  ...settingRoutes,
  ...operationRoutes,
].map((route) => ({ route, steps: route.pattern.split("/").slice(1) }));

/** Opens the server on 127.0.0.1 with everything its folder holds indexed. */
export async function listen(options: ServerOptions): Promise<Door> {
  const engine = new Engine(options.dataDir, options.apiKey, () => Date.now());
  const door = await openDoor({
    port: options.port,
    bodyBytesMax: BODY_BYTES_MAX,
    handle: (request) => answer(request, engine, options.faults),
    tooLarge: jsonAnswer(413, { message: "Request payload is too large." }),
    broken: (error) => refusal(error),
  });
  return {
    ...door,
    async close() {
      await door.close();
      engine.storage.close();
    },
  };
}

async function answer(request: DoorRequest, engine: Engine, faults: Faults | null): Promise<DoorOutcome> {
  if (request.path === "/health") {
    return throughFaults(faults, "health", { run: () => jsonAnswer(200, { ok: true }), fail: injected });
  }
  const found = findRoute(request);
  const operation = found?.route.action ?? "unknown";
  return throughFaults(faults, operation, { run: () => run(request, engine, found), fail: injected });
}

function injected({ status }: { readonly status?: number }): DoorAnswer {
  return jsonAnswer(status ?? 503, { message: "Not Ready or Lagging" });
}

async function run(request: DoorRequest, engine: Engine, found: Found | null): Promise<DoorAnswer> {
  try {
    const { "x-typesense-api-key": keyInQuery, ...query } = Object.fromEntries(request.query);
    const access = engine.keys.access(headerOf(request, "x-typesense-api-key") ?? keyInQuery ?? unauthorizedNow());
    if (!found) throw notFound();
    if (request.method === "GET" && request.query.toString().length > QUERY_STRING_MAX) {
      throw malformed(
        `Query string exceeds max allowed length of ${QUERY_STRING_MAX}. Use the /multi_search end-point for larger payloads.`,
      );
    }
    demand(access, found.route.action, found.path.collection ?? null);
    return await found.route.run({ engine, path: found.path, query, body: request.body, access });
  } catch (error) {
    return refusal(error);
  }
}

function unauthorizedNow(): never {
  throw unauthorized();
}

function refusal(error: unknown): DoorAnswer {
  if (error instanceof TypesenseError) return jsonAnswer(error.status, { message: error.message });
  console.error("typesense:", error);
  return jsonAnswer(500, { message: "Internal error of the embedded Typesense." });
}

function findRoute(request: DoorRequest): Found | null {
  const given = request.path.split("/").slice(1).map(decodeStep);
  for (const { route, steps } of routes) {
    if (route.method !== request.method || steps.length !== given.length) continue;
    const path: Record<string, string> = {};
    const fits = steps.every((step, at) => {
      if (!step.startsWith(":")) return step === given[at];
      path[step.slice(1)] = given[at] ?? "";
      return given[at] !== "";
    });
    if (fits) return { route, path };
  }
  return null;
}

function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
