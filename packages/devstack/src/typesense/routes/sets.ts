import { z } from "zod";
import { malformed, notFound } from "../errors.ts";
import { isArray, isObject, type Json, type JsonObject } from "../json.ts";
import { describe } from "../schema/field.ts";
import { curationShape } from "../search/curation.ts";
import { synonymShape } from "../search/synonyms.ts";
import type { Shelf } from "../shelf.ts";
import { type Call, jsonBody, part, type Route, route } from "./route.ts";

type ShelfOf = (call: Call) => Shelf;

function checked(shape: z.ZodType, body: Json): JsonObject {
  const parsed = shape.safeParse(body);
  if (!parsed.success) throw malformed(`Bad JSON: ${describe(parsed.error)}`);
  // Kept as it came: what the shape fills in is filled in again whenever it is read.
  return isObject(body) ? body : {};
}

/** Synonym sets and curation sets: a name, and items with ids of their own. */
function setRoutes(path: string, resource: string, shelfOf: ShelfOf, itemShape: z.ZodType): Route[] {
  const setShape = z.object({ items: z.array(itemShape) });
  const items = (call: Call): readonly Json[] => {
    const all = shelfOf(call).need(part(call, "name")).items;
    return isArray(all) ? all : [];
  };
  const findItem = (call: Call): Json => {
    const item = items(call).find((candidate) => isObject(candidate) && candidate.id === part(call, "item"));
    if (item === undefined) throw notFound();
    return item;
  };
  const putItems = (call: Call, next: readonly Json[]) => {
    shelfOf(call).put(part(call, "name"), { name: part(call, "name"), items: next });
  };
  const others = (call: Call) => items(call).filter((item) => !isObject(item) || item.id !== part(call, "item"));
  return [
    route.get(`${path}`, `${resource}:list`, (call) => shelfOf(call).all()),
    route.get(`${path}/:name`, `${resource}:get`, (call) => shelfOf(call).need(part(call, "name"))),
    route.put(`${path}/:name`, `${resource}:create`, (call) => {
      const body = checked(setShape, jsonBody(call));
      return shelfOf(call).put(part(call, "name"), { ...body, name: part(call, "name") });
    }),
    route.delete(`${path}/:name`, `${resource}:delete`, (call) => {
      shelfOf(call).drop(part(call, "name"));
      return { name: part(call, "name") };
    }),
    route.get(`${path}/:name/items`, `${resource}:list`, items),
    route.get(`${path}/:name/items/:item`, `${resource}:get`, findItem),
    route.put(`${path}/:name/items/:item`, `${resource}:create`, (call) => {
      const item = { ...checked(itemShape, jsonBody(call)), id: part(call, "item") };
      putItems(call, [...others(call), item]);
      return item;
    }),
    route.delete(`${path}/:name/items/:item`, `${resource}:delete`, (call) => {
      findItem(call);
      putItems(call, others(call));
      return { id: part(call, "item") };
    }),
  ];
}

/** Synonyms and overrides that belong to one collection. */
function ownRoutes(resource: "synonyms" | "overrides", itemShape: z.ZodType): Route[] {
  const path = `/collections/:collection/${resource}`;
  const shelfOf = (call: Call) => call.engine[resource];
  const prefix = (call: Call) => `${call.engine.registry.need(part(call, "collection")).name}/`;
  const name = (call: Call) => prefix(call) + part(call, "id");
  return [
    route.get(`${path}`, `${resource}:list`, (call) => ({ [resource]: shelfOf(call).under(prefix(call)) })),
    route.get(`${path}/:id`, `${resource}:get`, (call) => shelfOf(call).need(name(call))),
    route.put(`${path}/:id`, `${resource}:create`, (call) => {
      const body = checked(itemShape, jsonBody(call));
      return shelfOf(call).put(name(call), { ...body, id: part(call, "id") });
    }),
    route.delete(`${path}/:id`, `${resource}:delete`, (call) => {
      shelfOf(call).drop(name(call));
      return { id: part(call, "id") };
    }),
  ];
}

export const setRoutesAll: readonly Route[] = [
  ...setRoutes("/synonym_sets", "synonyms", (call) => call.engine.synonymSets, synonymShape),
  ...setRoutes("/curation_sets", "curations", (call) => call.engine.curationSets, curationShape),
  ...ownRoutes("synonyms", synonymShape),
  ...ownRoutes("overrides", curationShape),
];
