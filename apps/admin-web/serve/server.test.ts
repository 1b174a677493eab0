import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "./server.ts";

let folder: string;
let core: Bun.Server<undefined>;
let dashboard: Bun.Server<undefined>;
/** Headers of the calls that reached core. */
const seen: Record<string, string>[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "admin-"));
  await Bun.write(join(folder, "dist/index.html"), "<!doctype html><title>Stoa</title>");
  await Bun.write(join(folder, "dist/assets/app-1.js"), "export {};");
  await Bun.write(join(folder, "secret.txt"), "not for anybody");
  core = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      seen.push(Object.fromEntries(request.headers));
      return new Response("from core", { headers: { "set-cookie": "a=1; HttpOnly" } });
    },
  });
  const config = { HOST: "127.0.0.1", ADMIN_PORT: 0, CORE_URL: core.url.href, INTERNAL_TOKEN_SECRET: "s".repeat(32) };
  dashboard = Bun.serve({ ...createServer({ config, distDir: join(folder, "dist") }), port: 0, hostname: "127.0.0.1" });
});
afterAll(async () => {
  await dashboard.stop(true);
  await core.stop(true);
  await rm(folder, { recursive: true });
});

const ask = (path: string, init?: BunFetchRequestInit) => fetch(new URL(path, dashboard.url), init);

test("every screen is the page itself, under a policy that lets nothing strange in", async () => {
  const page = await ask("/orders/ord_1");
  expect(await page.text()).toContain("<title>Stoa</title>");
  expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
  expect(page.headers.get("cache-control")).toBe("no-cache");
});

test("hashed files are kept for ever, missing ones are missing", async () => {
  expect((await ask("/assets/app-1.js")).headers.get("cache-control")).toContain("immutable");
  expect((await ask("/assets/app-2.js")).status).toBe(404);
});

test("scripts go packed to whoever takes them so, and as they are to everybody else", async () => {
  await Bun.write(join(folder, "dist/assets/app-1.js.gz"), Bun.gzipSync("export {};"));
  const packed = await ask("/assets/app-1.js", { headers: { "accept-encoding": "br, gzip" }, decompress: false });
  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect(packed.headers.get("content-type")).toContain("text/javascript");
  expect(packed.headers.get("vary")).toBe("accept-encoding");
  expect(new TextDecoder().decode(Bun.gunzipSync(await packed.bytes()))).toBe("export {};");
  const plain = await ask("/assets/app-1.js", { headers: { "accept-encoding": "identity" } });
  expect([plain.headers.get("content-encoding"), plain.headers.get("vary")]).toEqual([null, "accept-encoding"]);
  expect(await plain.text()).toBe("export {};");
});

test("nothing outside of the build is served", async () => {
  for (const path of ["/..%2fsecret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/%00.txt", "/%"]) {
    const answer = await ask(path);
    expect([path, (await answer.text()).includes("not for anybody")]).toEqual([path, false]);
  }
});

test("calls reach core with who the server is, never with what the browser claims to be", async () => {
  const headers = { authorization: "Bearer forged", "x-stoa-client-ip": "10.0.0.1", "x-stoa-internal": "forged" };
  const answer = await ask("/trpc/users.staffMe", { headers });
  expect(await answer.text()).toBe("from core");
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  const passed = seen.at(-1) ?? {};
  expect(passed.authorization).toBeUndefined();
  expect(passed["x-stoa-client-ip"]).toBe("127.0.0.1");
  expect(passed["x-stoa-internal"]?.split(".")).toHaveLength(3);
  expect(passed["x-stoa-internal"]).not.toBe("forged");
});

test("product images come from edge, asked for without the caller's cookies", async () => {
  let cookie: string | null = "nothing asked";
  const edge = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      cookie = request.headers.get("cookie");
      return new Response("<svg/>", { headers: { "content-type": "image/svg+xml", "set-cookie": "b=2" } });
    },
  });
  const config = { HOST: "127.0.0.1", ADMIN_PORT: 0, CORE_URL: core.url.href, PUBLIC_URL: edge.url.href };
  const shown = Bun.serve({ ...createServer({ config, distDir: folder }), port: 0, hostname: "127.0.0.1" });
  const image = await fetch(new URL("/media/demo/lamp.svg", shown.url), { headers: { cookie: "session=1" } });
  expect(await image.text()).toBe("<svg/>");
  expect(image.headers.get("content-type")).toBe("image/svg+xml");
  expect(image.headers.get("set-cookie")).toBeNull();
  expect(cookie).toBeNull();
  await shown.stop(true);
  await edge.stop(true);
});

test("cookies of the sign-in come through", async () => {
  const answer = await ask("/auth/sign-in/email", { method: "POST", body: "{}" });
  expect(answer.headers.get("set-cookie")).toContain("a=1");
});

test("413: a body that is larger than a picture, with a code", async () => {
  const answer = await ask("/uploads/images", { method: "POST", body: new Uint8Array(20_100_001) });
  expect(answer.status).toBe(413);
  expect(await answer.json()).toMatchObject({ code: "payload_too_large" });
});

test("a core that is away is a 503 that says when to come back", async () => {
  const config = { HOST: "127.0.0.1", ADMIN_PORT: 0, CORE_URL: "http://127.0.0.1:1" };
  const alone = Bun.serve({ ...createServer({ config, distDir: folder }), port: 0, hostname: "127.0.0.1" });
  const answer = await fetch(new URL("/trpc/x", alone.url));
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("5");
  await alone.stop(true);
});
