import { resolve } from "node:path";
import { readConfig } from "./config.ts";
import { createServer } from "./serve/server.ts";

const config = readConfig();
const server = Bun.serve({
  ...createServer({ config, distDir: resolve(import.meta.dir, "dist") }),
  hostname: config.HOST,
  port: config.ADMIN_PORT,
});
console.log(JSON.stringify({ level: "info", app: "admin-web", msg: "the dashboard is ready", url: server.url.href }));

let isStopping = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, async () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    // Open subscriptions would keep it for ever; the browser connects again by itself.
    await Promise.race([server.stop(), Bun.sleep(5_000)]);
    process.exit(0);
  });
}
