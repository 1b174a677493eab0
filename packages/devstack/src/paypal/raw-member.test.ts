import { expect, test } from "bun:test";
import fc from "fast-check";
import { rawMember } from "./raw-member.ts";

test("the text of a member is found as it was written, wherever it stands", () => {
  const event = '{ "a" : [1, {"webhook_event": "}"}], "b":"\\"]" }';
  const text = `{"x":{"webhook_event":1},"s":"\\"webhook_event\\":2", "webhook_event" : ${event} , "z":[]}`;
  expect(rawMember(text, "webhook_event")).toBe(event);
  expect(rawMember(text, "missing")).toBeNull();
});

test("whatever the object, each member's text parses to its value", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat({ max: 3 }), (object, indent) => {
      const text = JSON.stringify(object, null, indent);
      for (const [name, value] of Object.entries(JSON.parse(text))) {
        expect(JSON.parse(String(rawMember(text, name)))).toEqual(value);
      }
    }),
    { numRuns: 300 },
  );
});
