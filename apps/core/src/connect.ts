import { channels } from "@stoa/read-models";
import { type Logger, openMediaStore, patience, within } from "@stoa/runtime";
import { openQstash, openRedis, openSubscriber } from "./clients.ts";
import type { CoreConfig } from "./config.ts";
import { openDatabase } from "./platform/db/index.ts";
import { openCatalog } from "./services/catalog/index.ts";

export type Connections = Awaited<ReturnType<typeof connect>>;

/** Opens a client to each backing service. One that is away does not keep core from starting: its health tells, and it comes back. */
export async function connect(config: CoreConfig, logger: Logger, onBegun: (waitSeconds: number) => void) {
  const database = openDatabase({
    url: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    statementTimeoutMs: patience.postgres.statementMs,
    applicationName: "stoa-core",
    onBegun,
  });
  const redis = openRedis(config, (error) => logger.warn("the connection to Redis is lost", { error }));
  const subscriber = openSubscriber(config);
  const mongo = openCatalog(config.MONGODB_URL);
  // A server that takes the connection and says nothing is told from one that answers by its time alone.
  const ms = patience.redisInCore.connectTimeout + patience.redisInCore.commandTimeout;
  await Promise.allSettled([redis, subscriber].map((client) => within(client.connect(), { name: "redis", ms })));
  subscriber.subscribe(channels.orders).catch(() => undefined);
  return {
    db: database.db,
    database,
    redis,
    subscriber,
    catalog: mongo.catalog,
    mongo,
    qstash: openQstash(config),
    files: openMediaStore({
      url: config.MEDIA_URL,
      accessKeyId: config.MEDIA_ACCESS_KEY_ID,
      secretAccessKey: config.MEDIA_SECRET_ACCESS_KEY,
      folder: config.MEDIA_DIR,
    }),
    async [Symbol.asyncDispose]() {
      redis.disconnect();
      subscriber.disconnect();
      await Promise.allSettled([mongo[Symbol.asyncDispose](), database[Symbol.asyncDispose]()]);
    },
  };
}
