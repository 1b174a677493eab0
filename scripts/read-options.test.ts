import { expect, test } from "bun:test";
import { resolve } from "node:path";

const root = resolve(import.meta.dir, "..");

test.each(["start", "test"])(
  "npm %s says in a sentence that it does not know an option, and what it knows",
  async (name) => {
    const script = Bun.spawn([process.execPath, `scripts/${name}.ts`, "--fautls"], {
      cwd: root,
      stdout: "ignore",
      stderr: "pipe",
    });
    const [said, code] = await Promise.all([new Response(script.stderr).text(), script.exited]);
    expect(code).toBe(2);
    expect(said).toStartWith("Unknown option '--fautls'\n\nnpm ");
  },
);
