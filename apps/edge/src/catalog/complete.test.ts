import { expect, test } from "bun:test";
import { mayBeMeant } from "./complete.ts";

test("a name is meant when each word of the text begins one of its own, long ones with a slip", () => {
  for (const [text, name, isMeant] of [
    ["head", "Headphones", true],
    ["in ear he", "In-Ear Headphones", true],
    ["headhpones", "Headphones", true],
    ["cafe", "Café chairs", true],
    ["phones", "Headphones", false],
    ["hx", "Headphones", false],
    ["headphones red", "Headphones", false],
    ["", "Headphones", false],
    ["!", "Headphones", false],
  ] as const) {
    expect([text, name, mayBeMeant(text, name)]).toEqual([text, name, isMeant]);
  }
});
