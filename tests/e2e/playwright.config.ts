import { defineConfig } from "@playwright/test";

const executablePath = process.env.CHROMIUM_PATH;

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.e2e.ts",
  outputDir: "results",
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 1,
  retries: 0,
  reporter: process.env.PLAYWRIGHT_JUNIT_OUTPUT_FILE ? [["line"], ["junit"]] : [["list"]],
  use: {
    baseURL: process.env.STOA_ADMIN_URL ?? "http://127.0.0.1:3000",
    trace: "retain-on-failure",
    launchOptions: {
      // A container's root has no sandbox to use; nothing but our own pages is opened.
      args: ["--no-sandbox", "--disable-background-networking"],
      ...(executablePath ? { executablePath } : {}),
    },
  },
});
