import { resolve } from "node:path";
import { installIfNeeded } from "./install.ts";

// `npm run client [-- folder]`: packs the typed client for a storefront that lives elsewhere, into the folder from which it was asked.

await installIfNeeded();
const folder = resolve(process.env.INIT_CWD ?? process.cwd(), process.argv[2] ?? ".");
const packing = Bun.spawn(["bun", "packages/contract/pack.ts", folder], {
  cwd: resolve(import.meta.dir, ".."),
  stdio: ["ignore", "inherit", "inherit"],
});
process.exit(await packing.exited);
