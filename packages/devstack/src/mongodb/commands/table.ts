import { MongoError, notImplemented } from "../errors.ts";
import type { Store } from "../storage/store.ts";
import { inTurns, type Later, PAUSE, type Steps } from "../turns.ts";
import type { Command } from "../wire/command.ts";
import type { Reply } from "../wire/message.ts";
import { aggregate } from "./aggregate.ts";
import { bulkWrite } from "./bulk-write.ts";
import {
  create,
  dbStats,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  renameCollection,
} from "./collections.ts";
import { explain } from "./explain.ts";
import { findAndModify } from "./find-and-modify.ts";
import { createIndexes, dropIndexes, listIndexes } from "./indexes.ts";
import { count, distinct, find, getMore, killCursors } from "./reading.ts";
import {
  type CommandContext,
  checkEnvelope,
  type Handler,
  type SteppedHandler,
  type WriteHandler,
} from "./registry.ts";
import { acknowledge, buildInfo, connectionStatus, hello, serverStatus, startSession } from "./server-information.ts";
import { insert, remove, update } from "./writing.ts";

const READS: Readonly<Record<string, Handler>> = {
  aggregate,
  buildInfo,
  buildinfo: buildInfo,
  connectionStatus,
  count,
  dbStats,
  distinct,
  endSessions: acknowledge,
  explain,
  find,
  getMore,
  hello,
  isMaster: hello,
  ismaster: hello,
  killCursors,
  killSessions: acknowledge,
  listCollections,
  listDatabases,
  listIndexes,
  ping: acknowledge,
  refreshSessions: acknowledge,
  serverStatus,
  startSession,
};

const WRITES: Readonly<Record<string, WriteHandler>> = {
  bulkWrite,
  create,
  deleteIndexes: dropIndexes,
  drop,
  dropDatabase,
  dropIndexes,
  findAndModify,
  findandmodify: findAndModify,
  insert,
  renameCollection,
};

const STEPPED_WRITES: Readonly<Record<string, SteppedHandler>> = { createIndexes, delete: remove, update };

const KNOWN_ELSEWHERE = new Set(
  (
    "authenticate collMod collStats compact configureFailPoint convertToCapped createSearchIndexes createUser currentOp dataSize " +
    "dropSearchIndex dropUser fsync getLog getParameter hostInfo killOp listCommands listSearchIndexes mapReduce profile reIndex " +
    "replSetGetStatus saslStart saslContinue setParameter shutdown top updateSearchIndex usersInfo validate whatsmyuri"
  ).split(" "),
);

const TRANSACTION_ENDS = new Set(["commitTransaction", "abortTransaction", "prepareTransaction"]);

/**
 * Runs one command; when it writes, what it wrote is on disk before the answer is made. What takes long lets other clients have
 * their turn.
 */
export function runCommand(command: Command, context: CommandContext): Later<Reply> {
  const { name } = command;
  if (TRANSACTION_ENDS.has(name)) checkEnvelope({ autocommit: false });
  checkEnvelope(command.body);
  const read = own(READS, name);
  if (read) return read(command, context);
  const write = own(WRITES, name);
  if (write) return context.store.transaction(() => write(command, context));
  const stepped = own(STEPPED_WRITES, name);
  if (stepped) return inTurns(storedStepByStep(context.store, stepped(command, context)));
  if (KNOWN_ELSEWHERE.has(name)) throw notImplemented(`command ${name}`);
  throw new MongoError("CommandNotFound", `no such command: '${name}'`);
}

function* storedStepByStep<T>(store: Store, steps: Steps<T>): Steps<T> {
  for (;;) {
    const step = store.transaction(() => steps.next());
    if (step.done) return step.value;
    yield PAUSE;
  }
}

function own<T>(handlers: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(handlers, name) ? handlers[name] : undefined;
}
