import type { Collection } from "../collection.ts";
import { jsonBody, part, type Route, route } from "./route.ts";

const view = (collection: Collection) => collection.schema.view(collection.size);

export const collectionRoutes: readonly Route[] = [
  route.get("/collections", "collections:list", ({ engine }) => engine.registry.collections().map(view)),
  route.post(
    "/collections",
    "collections:create",
    (call) => view(call.engine.registry.create(jsonBody(call), call.query.src_name ?? null)),
    201,
  ),
  route.get("/collections/:collection", "collections:get", (call) => {
    return view(call.engine.registry.need(part(call, "collection")));
  }),
  route.patch("/collections/:collection", "collections:update", (call) => {
    return call.engine.registry.change(part(call, "collection"), jsonBody(call));
  }),
  route.delete("/collections/:collection", "collections:delete", (call) => {
    const collection = call.engine.registry.need(part(call, "collection"));
    const shown = view(collection);
    call.engine.registry.drop(collection.name);
    for (const shelf of [call.engine.synonyms, call.engine.overrides]) shelf.dropUnder(`${collection.name}/`);
    return shown;
  }),
  route.get("/aliases", "aliases:list", ({ engine }) => ({ aliases: engine.registry.aliases() })),
  route.get("/aliases/:name", "aliases:get", (call) => call.engine.registry.needAlias(part(call, "name"))),
  route.put("/aliases/:name", "aliases:create", (call) => {
    return call.engine.registry.putAlias(part(call, "name"), jsonBody(call));
  }),
  route.delete("/aliases/:name", "aliases:delete", (call) => call.engine.registry.dropAlias(part(call, "name"))),
];
