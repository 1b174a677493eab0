import { expect, test } from "bun:test";
import { EventEmitter } from "node:events";
import type { Redis } from "ioredis";
import { serverNameOf } from "./clients.ts";

test("a Redis is asked for its name once a connection, and one that does not say has none", async () => {
  const events = new EventEmitter();
  const answers = [
    "# Replication\r\nrole:master\r\nmaster_replid:aaa1\r\n",
    "master_replid:bbb2\r\n",
    null,
    "role:master\r\n",
  ];
  const info = async () => {
    const answer = answers.shift() ?? null;
    if (answer === null) throw new Error("ERR unknown command");
    return answer;
  };
  const server = serverNameOf({ info, on: events.on.bind(events) } as unknown as Pick<Redis, "info" | "on">);
  const named: (string | null)[] = [];
  while (answers.length > 0) {
    named.push(await server(), await server());
    events.emit("ready");
  }
  expect(named).toEqual(["aaa1", "aaa1", "bbb2", "bbb2", null, null, null, null]);
});
