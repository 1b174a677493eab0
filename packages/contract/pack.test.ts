import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { NAME, packClient } from "./pack.ts";

/** A storefront that lives elsewhere: what it has of us is the package, and what the package asks for. */
let storefront: string;

beforeAll(async () => {
  storefront = await mkdtemp(join(tmpdir(), "stoa-storefront-"));
  const client = join(storefront, "node_modules", NAME);
  await mkdir(client, { recursive: true });
  await run(["tar", "xzf", await packClient(storefront), "--strip-components=1", "-C", client]);
  await symlink(resolve(import.meta.dir, "node_modules/zod"), join(storefront, "node_modules/zod"));
  await Bun.write(join(storefront, "package.json"), JSON.stringify({ type: "module" }));
}, 120_000);
afterAll(() => rm(storefront, { recursive: true, force: true }));

async function run(command: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const child = Bun.spawn([...command], { cwd: storefront, stdout: "pipe", stderr: "inherit" });
  const said = await new Response(child.stdout).text();
  return { code: await child.exited, said };
}

const page = `import { ApiProblem, createClient } from "${NAME}";

const shop = createClient({ baseUrl: String(process.env.SHOP) });
const { body: found } = await shop.call("search.products", { query: { q: "lamp", attr: { color: ["red"] } } });
const title: string | undefined = found.items[0]?.title;
try {
  const { body: cart } = await shop.call("carts.create", { body: { items: [{ sku: "LAMP-1", quantity: 2 }] } });
  const total: number = cart.totals.total.amount;
  console.log(title, total);
} catch (error) {
  if (error instanceof ApiProblem && error.is("out_of_stock")) console.log(title, error.body.items[0]?.available);
  else throw error;
}
// @ts-expect-error there is no such endpoint
const nowhere = () => shop.call("carts.burn", {});
// @ts-expect-error a quantity is a number
const wrong = () => shop.call("carts.create", { body: { items: [{ sku: "LAMP-1", quantity: "2" }] } });
console.log(typeof nowhere, typeof wrong);
`;

test("its types tell a storefront, as strictly as a compiler can be, what a call takes and answers", async () => {
  const compilerOptions = {
    strict: true,
    module: "nodenext",
    target: "es2022",
    lib: ["esnext", "dom"],
    noEmit: true,
    types: [],
  };
  await Bun.write(
    join(storefront, "page.ts"),
    `declare const process: { env: Record<string, string | undefined> };\n${page}`,
  );
  await Bun.write(join(storefront, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["page.ts"] }));
  const compiler = resolve(import.meta.dir, "../../node_modules/typescript/bin/tsc");
  expect(await run(["bun", compiler, "-p", "."])).toEqual({ code: 0, said: "" });
}, 120_000);

test("Node runs it as it is, with nothing else installed, and a call that was turned away is made again", async () => {
  const seen: (string | null)[] = [];
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ method, headers }) => {
      if (method === "GET") return Response.json({ items: [{ title: "Lamp" }] });
      seen.push(headers.get("idempotency-key"));
      if (seen.length === 1) return Response.json({ code: "service_unavailable" }, { status: 503 });
      return Response.json({ code: "out_of_stock", items: [{ sku: "LAMP-1", available: 1 }] }, { status: 409 });
    },
  });
  const bare = new Bun.Transpiler({ loader: "ts" }).transformSync(page);
  await Bun.write(join(storefront, "page.js"), bare);
  await rm(join(storefront, "node_modules/zod"));
  const { said } = await run(["env", `SHOP=${server.url.href}`, "node", "page.js"]);
  expect(said).toBe("Lamp 1\nfunction function\n");
  expect(seen).toHaveLength(2);
  expect(new Set(seen).size).toBe(1);
}, 60_000);
