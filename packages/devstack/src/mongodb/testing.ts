import { type Collection, type Db, type Long, MongoClient, type ObjectId } from "mongodb";
import { startMongodb } from "./index.ts";

/** Ids that tests use; with `unknown` the driver's types would insist on ObjectId. */
type Id = string | number | ObjectId | Long | number[] | Date;

/** A document of any shape. */
export interface Item {
  _id?: Id;
  [field: string]: unknown;
}

/** A server with a database of the test's own. */
export interface Bench {
  readonly client: MongoClient;
  readonly database: Db;
  /** A new collection with these documents. */
  collection(documents?: readonly Item[]): Promise<Collection<Item>>;
  stop(): Promise<void>;
}

/** Where conformance tests run: always on the stand-in, and on a real server when its URL is given. */
export const SERVERS: ReadonlyArray<{ readonly name: string; open(): Promise<Bench> }> = [
  { name: "the stand-in", open: openStandIn },
  ...realServer(process.env.TEST_REAL_MONGODB_URL),
];

function realServer(url: string | undefined) {
  return url ? [{ name: "a real server", open: () => openBench(url, async () => undefined) }] : [];
}

export async function openStandIn(): Promise<Bench> {
  const server = await startMongodb({ port: 0, dataDir: null });
  return openBench(server.url, () => server.stop());
}

export async function openBench(url: string, stopServer: () => Promise<void>): Promise<Bench> {
  const client = await new MongoClient(url, { serverSelectionTimeoutMS: 5_000 }).connect();
  const database = client.db(`stoa_${crypto.randomUUID().slice(0, 8)}`);
  let collections = 0;
  return {
    client,
    database,
    async collection(documents = []) {
      collections += 1;
      const made = database.collection<Item>(`c${collections}`);
      if (documents.length > 0) await made.insertMany(documents.map((document) => ({ ...document })));
      return made;
    },
    async stop() {
      await database.dropDatabase();
      await client.close();
      await stopServer();
    },
  };
}

/** What a refused call was refused with. */
export interface Refusal {
  readonly code: number;
  readonly codeName?: string;
  readonly message: string;
  readonly keyPattern?: unknown;
  readonly keyValue?: unknown;
  readonly writeErrors?: unknown;
}

/** The error of a call that must fail. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    return error as Refusal;
  }
  throw new Error("The call was not refused");
}

/** Asks again until the answer is as wanted, at most twenty seconds. */
export async function eventually<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || Date.now() > deadline) return answer;
    await Bun.sleep(5);
  }
}

/** The `_id` of every document a filter finds, in order. */
export async function idsOf(collection: Collection<Item>, filter: object): Promise<unknown[]> {
  const found = await collection
    .find(filter as Record<string, unknown>)
    .sort({ _id: 1 })
    .toArray();
  return found.map((document) => document._id);
}
