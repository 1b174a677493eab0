import { expect, test } from "bun:test";
import { isShownIn, packEnvelope, presentOf, unpackEnvelope } from "./envelope.ts";

test("an envelope gives back the very bytes that went in", () => {
  const envelope = {
    version: { major: 12, minor: 345 },
    etag: '"abc"',
    writtenAt: 1_700_000_000_000,
    body: '{"title":"two\\nlines","n":1}\nand a raw one',
  };
  expect(unpackEnvelope(packEnvelope(envelope))).toEqual(envelope);
});

test("what a model becomes is in its envelope, and holds from its very moment on", () => {
  const header = { version: { major: 1, minor: 2 }, writtenAt: 5, etag: '"a"' };
  const later = [
    { from: 1_000, etag: '"b"', body: '{"price":2}' },
    { from: 2_000, etag: '"c"', body: '{"price":3}' },
  ];
  const envelope = { ...header, body: '{"price":1}', later };
  expect(unpackEnvelope(packEnvelope(envelope))).toEqual(envelope);
  const at = (now: number) => presentOf(envelope, now);
  expect(at(999)).toEqual({ writtenAt: 5, etag: '"a"', body: '{"price":1}', until: 1_000 });
  expect(at(1_000)).toEqual({ writtenAt: 5, etag: '"b"', body: '{"price":2}', until: 2_000 });
  expect(at(1_999).etag).toBe('"b"');
  expect(at(2_000)).toEqual({ writtenAt: 5, etag: '"c"', body: '{"price":3}' });
  expect(() => packEnvelope({ ...envelope, body: "two\nlines" })).toThrow(RangeError);
  expect(unpackEnvelope(packEnvelope(envelope).replace('1000 "b"', "soon"))).toBeNull();
});

test("a text of another format is no envelope", () => {
  for (const text of ["", "{}", "{}\n{}", '1.x "e" 1\n{}', "1.2 abc 1\n{}"]) expect(unpackEnvelope(text)).toBeNull();
});

test("an envelope keeps the channels that show it; without any it is the default one's alone", () => {
  const plain = { version: { major: 3, minor: 1 }, etag: '"a"', writtenAt: 5, body: "{}" };
  const later = [{ from: 9, etag: '"b"', body: "[]" }];
  for (const envelope of [
    plain,
    { ...plain, channels: ["trade"] },
    { ...plain, channels: ["default", "trade"], later },
  ]) {
    const read = unpackEnvelope(packEnvelope(envelope));
    expect(read).toEqual(envelope);
    if (read) expect(isShownIn(read, "trade")).toBe("channels" in envelope);
    if (read) expect(isShownIn(read, "default")).toBe(read.channels?.includes("default") ?? true);
  }
});
