import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { movableClock, testDatabase } from "../../testing/index.ts";
import { runSaga } from "./index.ts";
import { recordGates } from "./testing/crash.ts";
import { booksOf, createShop, startTestSaga, sweepUntilQuiet, testEngine } from "./testing/shop.ts";

for (const refuse of [undefined, "payment"] as const) {
  test(`kill -9 between any two steps ${refuse ? "of the way back" : ""} loses nothing and doubles nothing`, async () => {
    await using database = await testDatabase();
    await createShop(database.db);
    const clock = movableClock();
    const engine = testEngine(database.db, clock, refuse ? { refuse } : {});
    const whole = await startTestSaga(engine);
    const gates = await recordGates(() => runSaga(engine, whole.id));
    const { attempt: _, ...expected } = await booksOf(database.db, whole.id);
    for (let gate = 0; gate < gates.length; gate += 1) {
      const { id } = await startTestSaga(engine);
      const victim = Bun.spawn(
        [process.execPath, resolve(import.meta.dir, "testing/victim.ts"), database.url, id, `${gate}`, refuse ?? "-"],
        { stdio: ["ignore", "inherit", "inherit"] },
      );
      await victim.exited;
      expect(victim.signalCode).toBe("SIGKILL");
      await sweepUntilQuiet(engine, clock);
      const books = await booksOf(database.db, id);
      // A voided charge and none at all are the same to the shopper: nothing is held.
      expect([gates[gate], { ...books, charge: books.charge === "voided" ? expected.charge : books.charge }]).toEqual([
        gates[gate],
        expect.objectContaining(expected),
      ]);
    }
  }, 120_000);
}
