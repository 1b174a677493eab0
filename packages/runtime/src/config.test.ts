import { expect, test } from "bun:test";
import { z } from "zod";
import { ConfigError, flagSchema, listSchema, loadConfig, portSchema } from "./config.ts";

const schema = z.object({
  PORT: portSchema.default(3000),
  SECRET: z.string().min(16),
  DEBUG: flagSchema.default(false),
  ORIGINS: listSchema.default([]),
});

test("values are read by type and defaults fill what is absent or empty", () => {
  expect(loadConfig(schema, { SECRET: "0123456789abcdef", PORT: "", DEBUG: "1", ORIGINS: "a, b,," })).toEqual({
    PORT: 3000,
    SECRET: "0123456789abcdef",
    DEBUG: true,
    ORIGINS: ["a", "b"],
  });
});

test("every wrong variable gets one sentence that does not repeat its value", () => {
  let caught: unknown;
  try {
    loadConfig(schema, { PORT: "99999", DEBUG: "hunter2" });
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(ConfigError);
  const { sentences, message } = caught as ConfigError;
  expect(sentences).toHaveLength(3);
  expect(sentences.find((sentence) => sentence.startsWith("PORT"))).toStartWith("PORT is wrong: ");
  expect(sentences).toContain("SECRET is not set, but needed.");
  expect(sentences).toContain("DEBUG is wrong: must be true or false.");
  expect(message).not.toContain("hunter2");
});
