import { parseArgs } from "node:util";
import { installIfNeeded } from "./install.ts";

// `npm test`: installs what it needs, then everything: verify, unit and integration tests on real services, end to end in a browser.
// Its last line is "N passed, N failed". May import only node: and bun: modules until the install is done.

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    help: { type: "boolean", short: "h" },
    only: { type: "string", multiple: true },
  },
});
if (values.help) {
  console.log(`npm test [-- --only verify|unit|e2e]

Runs all tests. Services come from the embedded stack; TEST_REAL_… variables name real ones to compare with.`);
  process.exit(0);
}
await installIfNeeded();
const { runAll } = await import("./testing/run-all.ts");
const { passed, failed } = await runAll(new Set(values.only ?? ["verify", "unit", "e2e"]));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
