import { type OrderId, systemClock } from "@stoa/kernel";
import { openDatabase, transact } from "../../db/index.ts";
import { beginSaga } from "../index.ts";
import { GATE } from "./crash.ts";
import { testEngine, testPlan } from "./shop.ts";

// `bun begun-victim.ts <database url> <key> <gate number>`: begins a saga and carries it on, and kills itself, as -9 does, at a gate.
const [url = "", key = "", gateNumber = ""] = process.argv.slice(2);
let passed = 0;
Reflect.set(globalThis, GATE, () => {
  if (passed === Number(gateNumber)) process.kill(process.pid, "SIGKILL");
  passed += 1;
});
await using database = openDatabase({ url, poolSize: 2, statementTimeoutMs: 50_000, applicationName: "victim" });
const { db } = database;
const start = { saga: testPlan(db, {}), key: key as OrderId, input: { order: key } };
const begun = await transact(db, (tx) => beginSaga(testEngine(db, systemClock), tx, start));
await begun.goOn();
