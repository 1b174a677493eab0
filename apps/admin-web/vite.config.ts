import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { readConfig } from "./config.ts";

const { CORE_URL } = readConfig();

export default defineConfig({
  plugins: [react(), tailwind()],
  build: { outDir: "dist", emptyOutDir: true, target: "es2022", sourcemap: false },
  // For work on the dashboard itself: `bun run dev` beside a running shop.
  server: {
    host: "127.0.0.1",
    port: 3001,
    strictPort: true,
    proxy: { "/trpc": CORE_URL, "/auth": CORE_URL, "/uploads": CORE_URL },
  },
});
