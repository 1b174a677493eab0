/** MongoDB's numeric code of every named error this server answers. */
const CODES = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  NotSingleValueField: 54,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  CommandNotSupported: 115,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  QueryPlanKilled: 175,
  CannotBuildIndexKeys: 201,
  NotImplemented: 238,
  OperationNotSupportedInTransaction: 263,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  InterruptedAtShutdown: 11600,
  HostUnreachable: 6,
  NetworkTimeout: 89,
  NotWritablePrimary: 10107,
  PrimarySteppedDown: 189,
  ShutdownInProgress: 91,
  WriteConflict: 112,
  LockTimeout: 24,
  MaxTimeMSExpired: 50,
} as const;

/** An error name of MongoDB's, or the number of an error that has none ("Location40324"). */
export type ErrorName = keyof typeof CODES | `Location${number}`;

/** The numeric code of an error name, or null for a name this server does not know. */
export function errorCode(name: string): number | null {
  if (name in CODES) return CODES[name as keyof typeof CODES];
  const location = /^(?:Location)?(\d+)$/.exec(name);
  return location ? Number(location[1]) : null;
}

/** What a command answers instead of a result: `{ ok: 0, code, codeName, errmsg }`. */
export class MongoError extends Error {
  readonly code: number;

  constructor(
    readonly codeName: ErrorName,
    message: string,
    /** Further members of the reply, e.g. `keyPattern` and `keyValue` of a duplicate key. */
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.code = errorCode(codeName) ?? 1;
  }
}

/** The refusal of a feature that MongoDB has and this server has not. */
export function notImplemented(feature: string): MongoError {
  return new MongoError("NotImplemented", `${feature}: not in the Stoa stand-in for MongoDB`);
}

/** Any thrown value as the error a client may see; what is not ours becomes BadValue or InternalError, never a crash. */
export function asMongoError(error: unknown): MongoError {
  if (error instanceof MongoError) return error;
  if (error instanceof RangeError) return new MongoError("Location15", "The document is nested too deeply");
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof Error ? (error.constructor as { name: string }).name : "";
  if (name.startsWith("BSON")) return new MongoError("InvalidBSON", message);
  if (name === "MingoError") return new MongoError("BadValue", message);
  return new MongoError("InternalError", message);
}
