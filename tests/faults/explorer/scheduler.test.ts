import { expect, test } from "bun:test";
import { Scheduler } from "./scheduler.ts";

const scheduler = () => new Scheduler({ seed: 1, startsAt: 0, countBlocked: async () => 0 });

test("who waits for what another activity has begun holds up nobody", async () => {
  const explored = scheduler();
  const told: string[] = [];
  let token: Promise<string> | undefined;
  const ask = async () => {
    await explored.gate("ask for a token");
    await explored.gate("answer to a token");
    return "token";
  };
  for (const name of ["first", "second"]) {
    const work = async () => {
      await explored.gate("begin");
      token ??= ask();
      told.push(`${name} has a ${await token}`);
      await explored.gate("end");
    };
    explored.spawn(name, null, work, (error) => told.push(String(error)));
  }
  await explored.run(() => true);
  expect(told.toSorted()).toEqual(["first has a token", "second has a token"]);
  expect(explored.standing()).toEqual([]);
});

test("what is refused because its life has ended takes with it who waited for it", async () => {
  const explored = scheduler();
  const life = { name: "core 1.1", isOver: false };
  let token: Promise<void> | undefined;
  for (const name of ["first", "second"]) {
    const work = async () => {
      await explored.gate("begin");
      token ??= explored.gate("answer to a token", 1_000);
      await token;
    };
    explored.spawn(name, life, work, () => undefined);
  }
  explored.at(500, "kill", () => explored.kill(life));
  await explored.run(() => true);
  expect(explored.standing()).toEqual([]);
});
