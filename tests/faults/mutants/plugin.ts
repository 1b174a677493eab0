import { resolve } from "node:path";
import { plugin } from "bun";
import { mutate } from "./mutant.ts";
import { mutants } from "./mutants.ts";

// `MUTANT=<name> bun --preload tests/faults/mutants/plugin.ts …`: that one file is loaded with its mistake in it; nothing on disk changes.

const root = resolve(import.meta.dir, "../../..");
const mutant = mutants.find(({ name }) => name === process.env.MUTANT);
if (!mutant) throw new Error(`no mutant ${process.env.MUTANT}`);
const path = resolve(root, mutant.file);

plugin({
  name: "mutant",
  setup(build) {
    build.onLoad({ filter: new RegExp(`${mutant.file.replaceAll(/[.\\/]/g, "\\$&")}$`) }, async () => ({
      contents: mutate(mutant, await Bun.file(path).text()),
      loader: "ts",
    }));
  },
});
