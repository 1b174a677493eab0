import { expect, test } from "bun:test";
import { packEnvelope, unpackEnvelope } from "./envelope.ts";

test("an envelope gives back the very bytes that went in", () => {
  const envelope = {
    version: { major: 12, minor: 345 },
    etag: '"abc"',
    writtenAt: 1_700_000_000_000,
    body: '{"title":"two\\nlines","n":1}\nand a raw one',
  };
  expect(unpackEnvelope(packEnvelope(envelope))).toEqual(envelope);
});

test("a text of another format is no envelope", () => {
  for (const text of ["", "{}", "{}\n{}", '1.x "e" 1\n{}', "1.2 abc 1\n{}"]) expect(unpackEnvelope(text)).toBeNull();
});
