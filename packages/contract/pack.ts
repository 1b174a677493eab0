import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import manifest from "./package.json";
import { clientRoutes } from "./src/client.ts";

// The typed client as a package for storefronts that live elsewhere: plain JavaScript with declarations. Of the contract's schemas only the
// types go along, so that a page loads some kilobytes.

const here = import.meta.dir;
const root = resolve(here, "../..");
export const NAME = "@stoa/client";

/** Packs the client into a folder, as `stoa-client-<version>.tgz`. Answers the path of the package. */
export async function packClient(into: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-client-"));
  try {
    await writeCode(folder);
    await writeTypes(folder);
    await Bun.write(join(folder, "package.json"), JSON.stringify(packageOf(), null, 2));
    await cp(join(here, "client.md"), join(folder, "README.md"));
    await cp(join(root, "LICENSE"), join(folder, "LICENSE"));
    await mkdir(into, { recursive: true });
    await run(["bun", "pm", "pack", "--destination", into, "--quiet"], folder);
    return join(into, `stoa-client-${manifest.version}.tgz`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function packageOf() {
  return {
    name: NAME,
    version: manifest.version,
    description: "Typed client of Stoa's storefront API, with time-outs, retries and idempotency built in.",
    license: manifest.license,
    type: "module",
    sideEffects: false,
    exports: { ".": { types: "./types/contract/src/public.d.ts", default: "./index.js" } },
    // For its types alone: they are those of the contract's schemas.
    dependencies: { zod: "^4.0.0" },
  };
}

/** One file without imports: the client, and of each endpoint what it takes to call it. */
async function writeCode(folder: string): Promise<void> {
  const entry = join(folder, "entry.ts");
  const source = join(here, "src");
  await Bun.write(
    entry,
    `import { clientOf } from ${JSON.stringify(join(source, "client-core.ts"))};
export { ApiProblem, Unreachable } from ${JSON.stringify(join(source, "client-errors.ts"))};
const routes = ${JSON.stringify(clientRoutes())};
export const createClient = (options) => clientOf((id) => routes[id], options);
`,
  );
  const built = await Bun.build({ entrypoints: [entry], target: "browser", format: "esm" });
  await Bun.write(join(folder, "index.js"), await (built.outputs[0] as Blob).text());
  await rm(entry);
}

async function writeTypes(folder: string): Promise<void> {
  const types = join(folder, "types");
  const config = join(folder, "tsconfig.json");
  const options = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: join(root, "packages"),
      outDir: types,
      typeRoots: [join(root, "node_modules/@types")],
      // By its path: what is found in node_modules gets no declarations.
      paths: { "@stoa/kernel": [join(root, "packages/kernel/src/index.ts")] },
    },
    files: [join(here, "src/public.ts")],
  };
  await Bun.write(config, JSON.stringify(options));
  await run(["bun", join(root, "node_modules/typescript/bin/tsc"), "-p", config], here);
  await rm(config);
  for (const name of await readdir(types, { recursive: true })) {
    if (name.endsWith(".d.ts")) await nameFiles(join(types, name), types);
  }
}

/** Declarations name the sources they were made of; where they are going there are only declarations. */
async function nameFiles(file: string, types: string): Promise<void> {
  const kernel = relative(dirname(file), join(types, "kernel/src/index.js"));
  const text = await Bun.file(file).text();
  const named = text
    .replaceAll(/(["'])@stoa\/kernel\1/g, JSON.stringify(kernel.startsWith(".") ? kernel : `./${kernel}`))
    .replaceAll(/(["'])(\.{1,2}\/[^"'\n]+)\.ts\1/g, '"$2.js"');
  await Bun.write(file, named);
}

/** @throws with what it said when it fails. */
async function run(command: string[], cwd: string): Promise<void> {
  const child = Bun.spawn(command, { cwd, stdout: "pipe", stderr: "pipe" });
  const said = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}\n${said.join("\n")}`);
}

if (import.meta.main) {
  const path = await packClient(resolve(process.argv[2] ?? "."));
  console.log(`${path}\n\nIn your storefront: npm install ${path}`);
}
