import { openapiDocument } from "./src/openapi.ts";

/** Writes openapi.json anew; run it after every change of an endpoint: `bun generate.ts`. */
const path = new URL("./openapi.json", import.meta.url).pathname;
await Bun.write(path, JSON.stringify(openapiDocument(), null, 2));
const formatted = Bun.spawnSync(["bun", "x", "biome", "format", "--write", path], {
  stdio: ["ignore", "ignore", "inherit"],
});
process.exitCode = formatted.exitCode;
