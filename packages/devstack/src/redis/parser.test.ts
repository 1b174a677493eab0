import { expect, test } from "bun:test";
import fc from "fast-check";
import { CommandParser } from "./parser.ts";
import { encodeReply } from "./reply.ts";

const latin1 = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const commands = fc.array(fc.array(latin1, { minLength: 1, maxLength: 6 }), { maxLength: 10 });

function readAll(parser: CommandParser): string[][] {
  const found: string[][] = [];
  for (let command = parser.next(); command; command = parser.next()) found.push(command);
  return found;
}

test("commands come out as they went in, wherever the stream is cut", () => {
  fc.assert(
    fc.property(commands, fc.integer({ min: 1, max: 30 }), (sent, step) => {
      const parser = new CommandParser();
      const text = sent.map((command) => encodeReply(command)).join("");
      const received: string[][] = [];
      for (let at = 0; at < text.length; at += step) {
        parser.push(text.slice(at, at + step));
        received.push(...readAll(parser));
      }
      expect(received).toEqual(sent);
    }),
    { numRuns: 300 },
  );
});

test("a typed line is a command, an empty one is none", () => {
  const parser = new CommandParser();
  parser.push("\r\nSET a  1\nGET a\r\n*0\r\nPI");
  expect(readAll(parser)).toEqual([
    ["SET", "a", "1"],
    ["GET", "a"],
  ]);
  parser.push("NG\r\n");
  expect(readAll(parser)).toEqual([["PING"]]);
});

test("a line that never ends is refused", () => {
  const parser = new CommandParser();
  parser.push("x".repeat(70_000));
  expect(() => parser.next()).toThrow("too big inline request");
});
