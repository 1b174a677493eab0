import { join } from "node:path";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { readConfig } from "./config.ts";

const { CORE_URL } = readConfig();

/** Scripts and style sheets once more, packed: a first load is a third of what it would be. */
const packed: Plugin = {
  name: "packed",
  apply: "build",
  async writeBundle({ dir = "dist" }, bundle) {
    const files = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name));
    await Promise.all(
      files.map(async (name) => {
        const bytes = await Bun.file(join(dir, name)).bytes();
        await Bun.write(join(dir, `${name}.gz`), Bun.gzipSync(bytes, { level: 9 }));
      }),
    );
  },
};

export default defineConfig({
  plugins: [react(), tailwind(), packed],
  build: { outDir: "dist", emptyOutDir: true, target: "es2022", sourcemap: false },
  // For work on the dashboard itself: `bun run dev` beside a running shop.
  server: {
    host: "127.0.0.1",
    port: 3001,
    strictPort: true,
    proxy: { "/trpc": CORE_URL, "/auth": CORE_URL, "/uploads": CORE_URL },
  },
});
