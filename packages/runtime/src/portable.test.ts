import { expect, test } from "bun:test";

test("the portable entry bundles without pino, prom-client or a Node module", async () => {
  const built = await Bun.build({
    entrypoints: [new URL("./portable.ts", import.meta.url).pathname],
    target: "browser",
    metafile: true,
  });
  expect(built.success).toBe(true);
  const text = await built.outputs[0]?.text();
  expect(text).toBeDefined();
  for (const foreign of ["prom-client", "pino", "node:fs", "node:worker_threads"])
    expect(text).not.toContain(`/${foreign}/`);
});
