import { expect, test } from "bun:test";
import { eventStream } from "./event-stream.ts";

const quiet = { beat: async () => {}, end: () => {} };

test("a reader who leaves before there is a source ends it all the same", async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const { signal } = new AbortController();
  const start = async () => {
    await gate;
    return { ...quiet, end: () => end("ended") };
  };
  const { body } = eventStream({ signal, retryMs: 1, start });
  await body?.cancel();
  open();
  expect(await ended).toBe("ended");
});

test("a source that fails fails the stream, and a reader's leaving ends one that runs", async () => {
  const { signal } = new AbortController();
  const failing = eventStream({ signal, retryMs: 1, start: () => Promise.reject(new Error("no source")) });
  expect(failing.text()).rejects.toThrow("no source");
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const running = eventStream({ signal, retryMs: 1, start: async () => ({ ...quiet, end: () => end("ended") }) });
  const reader = running.body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toStartWith("retry: 1");
  await reader?.cancel();
  expect(await ended).toBe("ended");
});
