import { resolve } from "node:path";
import { installIfNeeded } from "./install.ts";
import { readOptions } from "./read-options.ts";

// `npm start`: installs what it needs, starts every service and application on this machine, seeds a demo shop the first time.
// May import only node: and bun: modules until the install is done.

const HELP = `npm start [-- --empty --faults]

Starts the shop with everything behind it on this machine and prints where it is.

  --empty   at the first start, make a shop without products
  --faults  let whoever asks them make Stripe and PayPal slow, refuse, lose answers and repeat webhooks
  --help    this text

Variables: EDGE_PORT (8080), CORE_PORT (4000), ADMIN_PORT (3000), HOST (127.0.0.1), DATA_DIR (.data).
A hosted service is used instead of a local one when its URL is set: DATABASE_URL, MONGODB_URL, REDIS_URL, TYPESENSE_URL,
QSTASH_URL, STRIPE_API_URL, PAYPAL_API_URL. See docs/guide/local-stack.md.`;

const values = readOptions({ empty: { type: "boolean" }, faults: { type: "boolean" } }, HELP);
await installIfNeeded();
// By path, because a package's name means nothing before the install.
interface StartModule {
  startCommand(command: { empty: boolean; faults: boolean; env: typeof process.env }): Promise<void>;
}
const { startCommand }: StartModule = await import(
  resolve(import.meta.dir, "../packages/devstack/src/stack/start-command.ts")
);
await startCommand({ empty: values.empty ?? false, faults: values.faults ?? false, env: process.env });
