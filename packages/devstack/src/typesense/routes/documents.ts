import { z } from "zod";
import type { DoorAnswer } from "../../stand-in/http-door.ts";
import { othersTurn } from "../../stand-in/others-turn.ts";
import type { Collection, WriteAction } from "../collection.ts";
import { malformed, notFound, TypesenseError } from "../errors.ts";
import { compileFilter } from "../filter/compile.ts";
import type { Json, JsonObject } from "../json.ts";
import type { DirtyValues } from "../schema/coerce.ts";
import { project } from "../search/project.ts";
import { type Call, isTrue, jsonBody, part, type Route, route } from "./route.ts";

/** How long an import may keep everybody else waiting. */
const TURN_MS = 10;

const actionShape = z.enum(["create", "upsert", "update", "emplace"]);
const dirtyShape = z.enum(["coerce_or_reject", "coerce_or_drop", "drop", "reject"]);

const collectionOf = (call: Call): Collection => call.engine.registry.need(part(call, "collection"));

function actionOf(call: Call): WriteAction {
  const parsed = actionShape.safeParse(call.query.action ?? "create");
  if (!parsed.success) throw malformed("Parameter `action` must be a create|update|upsert|emplace.");
  return parsed.data;
}

/** Values are only made to fit where fields may be learned of documents, unless the call wishes otherwise. */
function dirtyOf(call: Call, { schema }: Collection): DirtyValues {
  const otherwise = schema.learnsFields ? "coerce_or_reject" : "reject";
  const parsed = dirtyShape.safeParse((call.query.dirty_values ?? otherwise).toLowerCase());
  if (!parsed.success) throw malformed("Parameter `dirty_values` has an invalid value.");
  return parsed.data;
}

const textAnswer = (body: string): DoorAnswer => ({
  status: 200,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body,
});

/**
 * One document a line, one answer a line. A line that is refused leaves the others alone. Whoever searches meanwhile waits for some lines
 * and not for all of them; what was read of the lines is stored whenever others get their turn.
 */
async function importDocuments(call: Call): Promise<DoorAnswer> {
  const collection = collectionOf(call);
  const action = actionOf(call);
  const dirty = dirtyOf(call, collection);
  const lines = call.body.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) throw malformed("The request body was empty. So, no records were imported.");
  const answers: JsonObject[] = [];
  while (answers.length < lines.length) {
    if (answers.length > 0) await othersTurn();
    if (call.engine.registry.need(collection.name) !== collection) throw notFound();
    call.engine.storage.atomically(() => {
      const until = performance.now() + TURN_MS;
      for (const line of lines.slice(answers.length)) {
        answers.push(importLine(line, call, { collection, action, dirty }));
        if (performance.now() > until) break;
      }
    });
  }
  return textAnswer(answers.map((answer) => JSON.stringify(answer)).join("\n"));
}

interface ImportTarget {
  readonly collection: Collection;
  readonly action: WriteAction;
  readonly dirty: DirtyValues;
}

function importLine(line: string, call: Call, { collection, action, dirty }: ImportTarget): JsonObject {
  try {
    const document = collection.write(parseLine(line), action, dirty);
    return {
      success: true,
      ...(isTrue(call.query.return_id) ? { id: document.id ?? null } : {}),
      ...(isTrue(call.query.return_doc) ? { document } : {}),
    };
  } catch (error) {
    if (!(error instanceof TypesenseError)) throw error;
    return { success: false, code: error.status, error: error.message, document: line };
  }
}

function parseLine(line: string): Json {
  try {
    return JSON.parse(line);
  } catch {
    throw malformed("Bad JSON: not a properly formed document.");
  }
}

function exportDocuments(call: Call): DoorAnswer {
  const collection = collectionOf(call);
  const admits = compileFilter(call.query.filter_by, collection.schema);
  const names = {
    include_fields: splitNames(call.query.include_fields),
    exclude_fields: splitNames(call.query.exclude_fields),
  };
  const lines: string[] = [];
  for (const { document } of collection.all())
    if (admits(document)) lines.push(JSON.stringify(project(document, names)));
  return textAnswer(lines.join("\n"));
}

const splitNames = (text = "") =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);

function deleteMany(call: Call): JsonObject {
  const collection = collectionOf(call);
  if (isTrue(call.query.truncate)) return { num_deleted: collection.truncate() };
  if (!call.query.filter_by) throw malformed("Parameter `filter_by` must be provided.");
  const found = filtered(call, collection);
  const documents = call.engine.storage.atomically(() => found.map((id) => collection.remove(id)));
  return {
    num_deleted: documents.length,
    ...(isTrue(call.query.return_doc) ? { documents } : {}),
    ...(isTrue(call.query.return_id) ? { ids: found } : {}),
  };
}

function updateMany(call: Call): JsonObject {
  const collection = collectionOf(call);
  if (!call.query.filter_by) throw malformed("Parameter `filter_by` must be provided.");
  const patch = jsonBody(call);
  const dirty = dirtyOf(call, collection);
  const ids = filtered(call, collection);
  // Not as one: a document that refuses the change must not take back those before it.
  for (const id of ids) collection.write({ ...(patch as JsonObject), id }, "update", dirty);
  return { num_updated: ids.length };
}

function filtered(call: Call, collection: Collection): string[] {
  const marks = collection.index.filters.filtered(call.query.filter_by)?.marks;
  const rows = collection.rows((row) => marks === undefined || marks[row] === 1);
  return rows.map((row) => String(collection.at(row).document.id));
}

const DOCUMENTS = "/collections/:collection/documents";

export const documentRoutes: readonly Route[] = [
  { method: "POST", pattern: `${DOCUMENTS}/import`, action: "documents:import", run: importDocuments },
  { method: "GET", pattern: `${DOCUMENTS}/export`, action: "documents:export", run: exportDocuments },
  route.post(
    `${DOCUMENTS}`,
    "documents:create",
    (call) => {
      const collection = collectionOf(call);
      return collection.write(jsonBody(call), actionOf(call), dirtyOf(call, collection));
    },
    201,
  ),
  route.patch(`${DOCUMENTS}`, "documents:update", updateMany),
  route.delete(`${DOCUMENTS}`, "documents:delete", deleteMany),
  route.get(`${DOCUMENTS}/:id`, "documents:get", (call) => {
    const names = {
      include_fields: splitNames(call.query.include_fields),
      exclude_fields: splitNames(call.query.exclude_fields),
    };
    return project(collectionOf(call).need(part(call, "id")), names);
  }),
  route.patch(`${DOCUMENTS}/:id`, "documents:update", (call) => {
    const action = call.query.action === "emplace" || call.query.action === "upsert" ? call.query.action : "update";
    const body = { ...(jsonBody(call) as JsonObject), id: part(call, "id") };
    const collection = collectionOf(call);
    return collection.write(body, action, dirtyOf(call, collection));
  }),
  route.delete(`${DOCUMENTS}/:id`, "documents:delete", (call) => {
    const collection = collectionOf(call);
    const id = part(call, "id");
    if (isTrue(call.query.ignore_not_found) && !collection.find(id)) return { id };
    return collection.remove(id);
  }),
];
