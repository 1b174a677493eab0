import { expect, test } from "bun:test";
import { silentLogger } from "@stoa/runtime";
import { readConfig } from "./config.ts";
import { connect } from "./connect.ts";

const secret = "a secret of at least thirty-two characters";

test("core is not kept from starting by a Redis that takes connections and says nothing", async () => {
  using redis = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
  const config = readConfig({
    DATABASE_URL: "postgres://127.0.0.1:1/none",
    MONGODB_URL: "mongodb://127.0.0.1:1",
    REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    TYPESENSE_URL: "http://127.0.0.1:1",
    TYPESENSE_API_KEY: "key",
    QSTASH_TOKEN: "token",
    QSTASH_CURRENT_SIGNING_KEY: "key",
    QSTASH_NEXT_SIGNING_KEY: "key",
    PUBLIC_URL: "http://127.0.0.1:1",
    ADMIN_URL: "http://127.0.0.1:1",
    WEBHOOK_BASE_URL: "http://127.0.0.1:1",
    AUTH_SECRET: secret,
    INTERNAL_TOKEN_SECRET: secret,
    ORDER_TOKEN_SECRET: secret,
  });
  await using connections = await connect(config, silentLogger, () => {});
  expect(connections.redis.status).not.toBe("ready");
});
