import { expect, test } from "bun:test";
import { type DoorOptions, jsonAnswer, openDoor } from "./http-door.ts";

function openTestDoor(handle: DoorOptions["handle"]) {
  return openDoor({
    port: 0,
    bodyBytesMax: 10,
    handle,
    tooLarge: jsonAnswer(413, { error: "too large" }),
    broken: (error) => jsonAnswer(500, { error: String(error) }),
  });
}

test("a body is read whole up to its limit and refused beyond it", async () => {
  const door = await openTestDoor(async ({ body }) => jsonAnswer(200, { body }));
  const post = (body: string) => fetch(door.url, { method: "POST", body });
  expect(await (await post("äöü 1234")).status).toBe(413);
  expect(await (await post("äöü 123")).json()).toEqual({ body: "äöü 123" });
  await door.close();
});

test("hanging up cuts one connection and leaves the others", async () => {
  const door = await openTestDoor(async ({ path }) => (path === "/cut" ? "hang-up" : jsonAnswer(200, {})));
  const outcomes = await Promise.allSettled([fetch(`${door.url}/cut`), fetch(`${door.url}/stay`)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  await door.close();
});

test("a bug in a handler is answered, not swallowed", async () => {
  const door = await openTestDoor(() => Promise.reject(new Error("a bug")));
  const answer = await fetch(door.url);
  expect(answer.status).toBe(500);
  expect(await answer.text()).toContain("a bug");
  await door.close();
});

test("a port that is taken is refused at once", async () => {
  const door = await openTestDoor(async () => jsonAnswer(200, {}));
  const second = openDoor({
    port: door.port,
    bodyBytesMax: 10,
    handle: async () => "hang-up",
    tooLarge: jsonAnswer(413, {}),
    broken: () => jsonAnswer(500, {}),
  });
  expect(await second.catch((error: unknown) => error)).toMatchObject({ code: "EADDRINUSE" });
  await door.close();
});
