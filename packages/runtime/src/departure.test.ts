import { expect, test } from "bun:test";
import { Departure } from "./departure.ts";

test("a server that nobody asks may close at once, one that is asked goes on to the end of its time", async () => {
  const idle = new Departure();
  expect(idle.hasBegun).toBe(false);
  await idle.begin({ quietMs: 1, longestMs: 60_000 });
  expect(idle.hasBegun).toBe(true);

  const asked = new Departure();
  let isClosed = false;
  const asking = setInterval(() => asked.noteRequest(), 1);
  const leaving = asked.begin({ quietMs: 30_000, longestMs: 50 }).then(() => {
    isClosed = true;
  });
  expect(asked.signal.aborted).toBe(true);
  expect(isClosed).toBe(false);
  await leaving;
  clearInterval(asking);
});
