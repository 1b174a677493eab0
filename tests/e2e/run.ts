import { buildAdminIfStale, freePort, seedOnce, startStack } from "@stoa/devstack";
import { seedDemoShop } from "@stoa/devstack/seed";

// `bun e2e/run.ts <junit file> [playwright arguments]`: the whole shop as `npm start` runs it, the demo shop in it, and a browser.

const [reportFile = "", ...rest] = process.argv.slice(2);
const quiet = () => undefined;

await buildAdminIfStale(quiet);
// Passkeys are tied to a name, so the dashboard is reached by one; the port has to be known for that.
const adminPort = await freePort();
const adminUrl = `http://localhost:${adminPort}`;
await using stack = await startStack({
  dataDir: null,
  env: { NODE_ENV: "test", ADMIN_URL: adminUrl },
  ports: { edge: 0, core: 0, admin: adminPort },
  onUnexpectedExit: (name, logs) => console.error(`${name} ended although nobody stopped it:\n${logs}`),
});
const shop = await seedOnce(stack, seedDemoShop, { empty: false, progress: quiet });
const owner = shop.signIns.find((signIn) => signIn.role === "owner");
const playwright = Bun.spawn(["bunx", "--bun", "playwright", "test", "--config", "e2e/playwright.config.ts", ...rest], {
  cwd: new URL("..", import.meta.url).pathname,
  env: {
    ...process.env,
    STOA_EDGE_URL: stack.urls.edge,
    STOA_ADMIN_URL: adminUrl,
    STOA_MAILBOX_URL: stack.service("mail").pageUrl ?? "",
    STOA_SAMPLE_SKU: shop.sampleSku ?? "",
    STOA_OWNER_EMAIL: owner?.email ?? "",
    STOA_OWNER_PASSWORD: owner?.password ?? "",
    ...(reportFile === "" ? {} : { PLAYWRIGHT_JUNIT_OUTPUT_FILE: reportFile }),
  },
  stdio: ["ignore", "inherit", "inherit"],
});
process.exitCode = await playwright.exited;
