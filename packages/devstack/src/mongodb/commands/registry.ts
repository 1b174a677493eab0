import { z } from "zod";
import type { Reader } from "../aggregate/environment.ts";
import type { Doc } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import type { Store } from "../storage/store.ts";
import type { Later, Steps } from "../turns.ts";
import type { Command } from "../wire/command.ts";
import type { CursorReply, Reply } from "../wire/message.ts";
import type { CursorRegistry } from "./cursors.ts";

/** What commands work on. */
export interface CommandContext {
  readonly store: Store;
  readonly cursors: CursorRegistry;
  /** Reads other collections of that database. */
  readerOf(database: string): Reader;
  now(): Date;
}

export type Handler = (command: Command, context: CommandContext) => Later<Reply>;

/** Runs within a transaction, and so at once. */
export type WriteHandler = (command: Command, context: CommandContext) => Reply;

/** Each step runs within a transaction of its own: a write to many documents lets others have their turn between them. */
export type SteppedHandler = (command: Command, context: CommandContext) => Steps<Reply>;

/** The answer to a command that opens a cursor or reads on. */
export function cursorReply(cursor: Later<CursorReply>): Later<Reply> {
  return cursor instanceof Promise ? cursor.then(cursorReply) : { body: {}, cursor };
}

/** Members any command may carry; what they ask for is checked in `checkEnvelope`. */
const ENVELOPE = new Set([
  "$db",
  "$clusterTime",
  "$readPreference",
  "apiDeprecationErrors",
  "apiStrict",
  "apiVersion",
  "comment",
  "lsid",
  "maxTimeMS",
  "readConcern",
  "txnNumber",
  "startTransaction",
  "autocommit",
  "writeConcern",
]);

const concernSchema = z.object({
  readConcern: z
    .object({ level: z.enum(["local", "available", "majority", "linearizable"]).optional() })
    .loose()
    .optional(),
  writeConcern: z
    .object({ w: z.union([z.number().max(1), z.literal("majority")]).optional() })
    .loose()
    .optional(),
});

/**
 * Refuses what concerns transactions and replica sets, which a single stand-in has not.
 * @throws OperationNotSupportedInTransaction, InvalidOptions
 */
export function checkEnvelope(body: Doc): void {
  if (body.startTransaction === true || body.autocommit === false) {
    throw new MongoError(
      "OperationNotSupportedInTransaction",
      "The Stoa stand-in for MongoDB has no multi-document transactions; keep transactional state in Postgres",
    );
  }
  if (body.txnNumber !== undefined) {
    throw new MongoError("IllegalOperation", "Transaction numbers are only allowed on a replica set member or mongos");
  }
  const concerns = concernSchema.safeParse(body);
  if (!concerns.success) {
    const member = String(concerns.error.issues[0]?.path[0]);
    throw new MongoError("InvalidOptions", `This ${member} needs a replica set`);
  }
}

/**
 * Checks the members of a command against its schema.
 * @throws IDLUnknownField (40415) for a member this server does not know, TypeMismatch for a wrong type.
 */
export function parseBody<S extends z.ZodRawShape>(command: Command, schema: z.ZodObject<S>): z.infer<z.ZodObject<S>> {
  for (const member of Object.keys(command.body)) {
    if (!(member in schema.shape) && !ENVELOPE.has(member) && member !== command.name) {
      throw new MongoError("Location40415", `BSON field '${command.name}.${member}' is an unknown field.`);
    }
  }
  return parsePart(command.name, command.body, schema);
}

/** Like `parseBody` for a document within a command, such as one update of a batch. */
export function parseStatement<S extends z.ZodRawShape>(
  name: string,
  source: Doc,
  schema: z.ZodObject<S>,
): z.infer<z.ZodObject<S>> {
  for (const member of Object.keys(source)) {
    if (!(member in schema.shape))
      throw new MongoError("Location40415", `BSON field '${name}.${member}' is an unknown field.`);
  }
  return parsePart(name, source, schema);
}

function parsePart<S extends z.ZodRawShape>(
  name: string,
  source: Doc,
  schema: z.ZodObject<S>,
): z.infer<z.ZodObject<S>> {
  const parsed = schema.safeParse(source);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new MongoError(
    "TypeMismatch",
    `BSON field '${[name, ...(issue?.path ?? [])].join(".")}' is the wrong type: ${issue?.message}`,
  );
}

/** @throws NotImplemented unless the collation is the simple one, which is plain byte order. */
export function refuseCollation(collation: unknown): void {
  if (collation === undefined) return;
  const isSimple =
    typeof collation === "object" && collation !== null && "locale" in collation && collation.locale === "simple";
  if (!isSimple) throw notImplemented("collation; store and query a lower-cased field instead");
}

/** A BSON document, not further checked here. */
export const docSchema = z.custom<Doc>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !("_bsontype" in value) &&
    !(value instanceof Date),
  "expected a document",
);

/** A boolean; MongoDB also takes numbers. */
export const flagSchema = z.union([z.boolean(), z.number()]).transform(Boolean);

export const collectionNameSchema = z.string().min(1);

export const wholeSchema = z.number().int().min(0);
