import { type SagaId, systemClock } from "@stoa/kernel";
import { openDatabase } from "../../db/index.ts";
import { runSaga } from "../index.ts";
import { GATE } from "./crash.ts";
import { testEngine } from "./shop.ts";

// `bun victim.ts <database url> <saga id> <gate number> <refuse|->`: runs one saga and kills itself, as -9 does, at a gate.
const [url = "", id = "", gateNumber = "", refuse = ""] = process.argv.slice(2);
let passed = 0;
Reflect.set(globalThis, GATE, () => {
  if (passed === Number(gateNumber)) process.kill(process.pid, "SIGKILL");
  passed += 1;
});
await using database = openDatabase({ url, poolSize: 2, statementTimeoutMs: 50_000, applicationName: "victim" });
await runSaga(testEngine(database.db, systemClock, refuse === "payment" ? { refuse } : {}), id as SagaId);
