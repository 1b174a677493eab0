import { decode, encode } from "../bson/codec.ts";
import { type Doc, isDoc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import type { Update } from "../update/update.ts";
import { environmentOf, type Reader } from "./environment.ts";
import type { Variables } from "./expressions.ts";
import { compilePipeline } from "./pipeline.ts";

const ALLOWED = new Set(["$addFields", "$set", "$project", "$unset", "$replaceRoot", "$replaceWith"]);

/** @throws InvalidOptions for a stage that updates do not take. */
export function compileUpdatePipeline(pipeline: readonly unknown[], variables: Variables, reader: Reader): Update {
  for (const stage of pipeline) {
    const name = isDoc(stage) ? Object.keys(stage)[0] : undefined;
    if (name === undefined || !ALLOWED.has(name)) {
      throw new MongoError("InvalidOptions", `${name ?? "The stage"} is not allowed to be used within an update`);
    }
  }
  const stages = compilePipeline(pipeline, environmentOf(variables, reader));
  const run = (document: Doc): Doc => {
    // Expressions know plain numbers only, so the document goes through the plain form.
    const [result = {}] = stages([decode(encode(document))]);
    const { _id = document._id, ...rest } = result;
    return _id === undefined ? rest : { _id, ...rest };
  };
  return { kind: "pipeline", apply: run, insert: run };
}
