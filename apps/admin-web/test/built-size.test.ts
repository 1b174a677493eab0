import { expect, test } from "bun:test";
import { join } from "node:path";
import { $ } from "bun";

const APP = join(import.meta.dir, "..");
const SCRIPT_GZIP_MAX_BYTES = 250_000;

/** The entry, everything it imports at once, and the same for one screen: what a browser loads before that screen stands. */
async function firstLoad(out: string, screen: RegExp): Promise<number> {
  const page = await Bun.file(join(out, "index.html")).text();
  const entries = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file ?? "");
  const files = [...new Bun.Glob("assets/*.js").scanSync(out)];
  const loaded = new Set<string>();
  const waiting = [...entries, ...files.filter((file) => screen.test(file))];
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    if (loaded.has(file)) continue;
    loaded.add(file);
    const code = await Bun.file(join(out, file)).text();
    const imported = code.matchAll(/(?:from|^import|;import)\s*"\.\/([^"]+\.js)"/g);
    for (const [, name] of imported) waiting.push(`assets/${name}`);
  }
  const sizes = await Promise.all(
    [...loaded].map(async (file) => Bun.gzipSync(await Bun.file(join(out, file)).bytes()).length),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

test("no screen needs more than 250 kB of gzipped script to stand", async () => {
  const out = join(APP, "dist/.size");
  await $`bunx --bun vite build --outDir ${out} --emptyOutDir --logLevel error`
    .cwd(APP)
    .env({ ...process.env, NODE_ENV: "production" })
    .quiet();
  for (const screen of ["sign-in-route", "orders-page", "order-page", "product-page", "stock-page", "system-page"]) {
    const size = await firstLoad(out, new RegExp(`assets/${screen}-`));
    expect([screen, size > 50_000, size <= SCRIPT_GZIP_MAX_BYTES ? "fits" : size]).toEqual([screen, true, "fits"]);
  }
  await $`rm -rf ${out}`;
}, 60_000);
