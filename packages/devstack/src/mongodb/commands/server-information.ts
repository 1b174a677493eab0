import { UUID } from "bson";
import { DOCUMENT_BYTES_MAX } from "../bson/codec.ts";
import { MESSAGE_BYTES_MAX } from "../wire/message.ts";
import type { Handler } from "./registry.ts";
import { BATCH_MAX } from "./writing.ts";

const SESSION_MINUTES = 30;

/** The protocol of MongoDB 8.0, the newest this server speaks. */
const WIRE_VERSION = 25;

/** What the version says wherever a client asks: MongoDB's commands, but not MongoDB. */
const VERSION = { version: "8.0.0-stoa-stand-in", versionArray: [8, 0, 0, 0], modules: ["stoa-stand-in"] };

/** Without a set name drivers take the server for a single one, and without a topology version they poll it. */
export const hello: Handler = (_, { now }) => ({
  body: {
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    maxBsonObjectSize: DOCUMENT_BYTES_MAX,
    maxMessageSizeBytes: MESSAGE_BYTES_MAX,
    maxWriteBatchSize: BATCH_MAX,
    localTime: now(),
    logicalSessionTimeoutMinutes: SESSION_MINUTES,
    connectionId: 1,
    minWireVersion: 0,
    maxWireVersion: WIRE_VERSION,
    readOnly: false,
  },
});

export const buildInfo: Handler = () => ({
  body: { ...VERSION, name: "Stoa stand-in (MongoDB wire)", maxBsonObjectSize: DOCUMENT_BYTES_MAX, ok: 1 },
});

export const serverStatus: Handler = (_, { now, cursors }) => ({
  body: {
    ...VERSION,
    host: "127.0.0.1",
    process: "stoa-stand-in",
    pid: process.pid,
    uptime: Math.floor(process.uptime()),
    localTime: now(),
    metrics: { cursor: { open: { total: cursors.size } } },
  },
});

export const connectionStatus: Handler = () => ({
  body: { authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] } },
});

export const startSession: Handler = () => ({ body: { id: { id: new UUID() }, timeoutMinutes: SESSION_MINUTES } });

/** For commands that have nothing to do here, such as ending a session that holds no state. */
export const acknowledge: Handler = () => ({ body: {} });
