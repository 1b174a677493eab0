import { installIfNeeded } from "./install.ts";
import { readOptions } from "./read-options.ts";

// `npm test`: installs what it needs, then everything: verify, unit and integration tests on real services, end to end in a browser.
// Its last line is "N passed, N failed". May import only node: and bun: modules until the install is done.

const HELP = `npm test [-- --only verify|unit|e2e]

Runs all tests. Services come from the embedded stack; TEST_REAL_… variables name real ones to compare with.`;

const values = readOptions({ only: { type: "string", multiple: true } }, HELP);
await installIfNeeded();
const { runAll } = await import("./testing/run-all.ts");
const { passed, failed } = await runAll(new Set(values.only ?? ["verify", "unit", "e2e"]));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
