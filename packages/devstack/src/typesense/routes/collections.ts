import type { Collection } from "../collection.ts";
import { jsonBody, part, type Route, route } from "./route.ts";

const view = (collection: Collection) => collection.schema.view(collection.size);

export const collectionRoutes: readonly Route[] = [
  route("GET /collections", "collections:list", ({ engine }) => engine.registry.collections().map(view)),
  route(
    "POST /collections",
    "collections:create",
    (call) => view(call.engine.registry.create(jsonBody(call), call.query.src_name ?? null)),
    201,
  ),
  route("GET /collections/:collection", "collections:get", (call) => {
    return view(call.engine.registry.need(part(call, "collection")));
  }),
  route("PATCH /collections/:collection", "collections:update", (call) => {
    return call.engine.registry.change(part(call, "collection"), jsonBody(call));
  }),
  route("DELETE /collections/:collection", "collections:delete", (call) => {
    const collection = call.engine.registry.need(part(call, "collection"));
    const shown = view(collection);
    call.engine.registry.drop(collection.name);
    for (const shelf of [call.engine.synonyms, call.engine.overrides]) shelf.dropUnder(`${collection.name}/`);
    return shown;
  }),
  route("GET /aliases", "aliases:list", ({ engine }) => ({ aliases: engine.registry.aliases() })),
  route("GET /aliases/:name", "aliases:get", (call) => call.engine.registry.needAlias(part(call, "name"))),
  route("PUT /aliases/:name", "aliases:create", (call) => {
    return call.engine.registry.putAlias(part(call, "name"), jsonBody(call));
  }),
  route("DELETE /aliases/:name", "aliases:delete", (call) => call.engine.registry.dropAlias(part(call, "name"))),
];
