import { z } from "zod";
import { malformed } from "../errors.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { Shelf } from "../shelf.ts";
import { type Call, jsonBody, part, type Route, route } from "./route.ts";

const stopwordsShape = z.object({ stopwords: z.array(z.string()), locale: z.string().optional() });
const presetShape = z.object({ value: z.record(z.string(), z.json()) });

interface Kept {
  readonly path: string;
  readonly resource: string;
  /** The member that names one, and the one that lists all. */
  readonly idName: "id" | "name";
  readonly listName: string | null;
  readonly shape: z.ZodType;
  readonly shelf: (call: Call) => Shelf;
}

/** Things that are put under a name, listed and taken away again. */
function keptRoutes({ path, resource, idName, listName, shape, shelf }: Kept): Route[] {
  const put = (call: Call): JsonObject => {
    const body = jsonBody(call);
    if (!isObject(body) || !shape.safeParse(body).success) throw malformed("Bad JSON.");
    return shelf(call).put(part(call, "id"), { ...body, [idName]: part(call, "id") });
  };
  return [
    route.get(`${path}`, `${resource}:list`, (call) =>
      listName ? { [listName]: shelf(call).all() } : shelf(call).all(),
    ),
    route.get(`${path}/:id`, `${resource}:get`, (call) => {
      const item = shelf(call).need(part(call, "id"));
      return resource === "stopwords" ? { stopwords: item } : item;
    }),
    route.put(`${path}/:id`, `${resource}:create`, put),
    route.delete(`${path}/:id`, `${resource}:delete`, (call) => {
      shelf(call).drop(part(call, "id"));
      return { [idName]: part(call, "id") };
    }),
  ];
}

export const settingRoutes: readonly Route[] = [
  ...keptRoutes({
    path: "/stopwords",
    resource: "stopwords",
    idName: "id",
    listName: "stopwords",
    shape: stopwordsShape,
    shelf: (call) => call.engine.stopwords,
  }),
  ...keptRoutes({
    path: "/presets",
    resource: "presets",
    idName: "name",
    listName: "presets",
    shape: presetShape,
    shelf: (call) => call.engine.presets,
  }),
  ...keptRoutes({
    path: "/analytics/rules",
    resource: "analytics/rules",
    idName: "name",
    listName: null,
    shape: z.looseObject({}),
    shelf: (call) => call.engine.analyticsRules,
  }),
  route.get("/keys", "keys:list", ({ engine }) => ({ keys: engine.keys.all() })),
  route.post("/keys", "keys:create", (call) => call.engine.keys.create(jsonBody(call)), 201),
  route.get("/keys/:id", "keys:get", (call) => call.engine.keys.need(part(call, "id"))),
  route.delete("/keys/:id", "keys:delete", (call) => call.engine.keys.drop(part(call, "id"))),
];
