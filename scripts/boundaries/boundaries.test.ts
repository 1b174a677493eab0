import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { importsOf, violationsOf } from "./check.ts";

const order = "apps/core/src/services/orders/place-order.ts";

const forbidden: readonly (readonly [what: string, file: string, source: string])[] = [
  ["payments asks orders", "apps/core/src/services/payments/x.ts", `import { readOrder } from "../orders/index.ts";`],
  [
    "payments asks for a type of orders",
    "apps/core/src/services/payments/x.ts",
    `import type { A } from "../orders/index.ts";`,
  ],
  ["payments re-exports orders", "apps/core/src/services/payments/x.ts", `export * from "../orders/index.ts";`],
  [
    "payments loads orders late",
    "apps/core/src/services/payments/x.ts",
    `const m = await import("../orders/index.ts");`,
  ],
  ["orders reaches into payments", order, `import { payment } from "../payments/tables.ts";`],
  [
    "a projection reaches into a service",
    "apps/core/src/projections/x.ts",
    `import { a } from "../services/orders/tables.ts";`,
  ],
  [
    "the platform knows a service",
    "apps/core/src/platform/saga/x.ts",
    `import { a } from "../../services/orders/index.ts";`,
  ],
  ["edge uses core's code", "apps/edge/src/x.ts", `import { appRouter } from "@stoa/core/rpc";`],
  ["edge climbs into core", "apps/edge/src/x.ts", `import { a } from "../../core/src/core.ts";`],
  ["the dashboard uses core's code", "apps/admin-web/src/x.tsx", `import { appRouter } from "@stoa/core/rpc";`],
  ["the dashboard uses the contract", "apps/admin-web/src/x.tsx", `import { a } from "@stoa/contract";`],
  ["the kernel uses a package of ours", "packages/kernel/src/x.ts", `import { a } from "@stoa/runtime";`],
  ["the product uses the stand-ins", "apps/core/src/core.ts", `import { startStack } from "@stoa/devstack";`],
];

const allowed: typeof forbidden = [
  ["orders asks payments at its door", order, `import { authorizePayment } from "../payments/index.ts";`],
  ["carts asks the catalog", "apps/core/src/services/carts/x.ts", `import { findOffers } from "../catalog/index.ts";`],
  ["a service uses the platform", order, `import { transact } from "../../platform/db/index.ts";`],
  ["edge names core's types", "apps/edge/src/x.ts", `import type { AppRouter } from "@stoa/core/rpc";`],
  [
    "core composes everything",
    "apps/core/src/core.ts",
    `import { a } from "./services/orders/index.ts"; import { b } from "./platform/db/index.ts";`,
  ],
  [
    "a test starts a stand-in",
    "apps/core/src/services/payments/x.test.ts",
    `import { startStripe } from "@stoa/devstack/stripe";`,
  ],
  [
    "a test uses a service's fixtures",
    "apps/core/src/webhooks/x.test.ts",
    `import { a } from "../services/payments/testing/shop.ts";`,
  ],
  ["a comment is no import", order, `// import { a } from "../users/index.ts";`],
];

describe("the import rules", () => {
  for (const [what, file, source] of forbidden) {
    test(`refuse that ${what}`, () => expect(violationsOf(file, source)).toHaveLength(1));
  }
  for (const [what, file, source] of allowed) {
    test(`let pass that ${what}`, () => expect(violationsOf(file, source)).toEqual([]));
  }

  test("see every form of import", () => {
    const source = `import a, { type B } from "./a.ts";\nimport "./b.ts";\nexport type { C } from "./c.ts";\nawait import("./d.ts");`;
    expect(importsOf(source).map((found) => found.specifier)).toEqual(["./a.ts", "./b.ts", "./c.ts", "./d.ts"]);
  });

  test("make the check fail on a tree with one forbidden import", async () => {
    const root = await mkdtemp(join(tmpdir(), "boundaries-"));
    try {
      const run = () => {
        const script = `const { checkTree } = await import("${resolve(import.meta.dir, "run.ts")}");
          process.exit((await checkTree(${JSON.stringify(root)})).length === 0 ? 0 : 1);`;
        return Bun.spawnSync([process.execPath, "-e", script]).exitCode;
      };
      await Bun.write(join(root, "apps/core/src/services/payments/x.ts"), "export const a = 1;\n");
      expect(run()).toBe(0);
      await Bun.write(join(root, "apps/core/src/services/payments/x.ts"), `export * from "../orders/index.ts";\n`);
      expect(run()).toBe(1);
    } finally {
      await rm(root, { recursive: true });
    }
  });
});
