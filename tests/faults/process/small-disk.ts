import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MIB = 1024 * 1024;

/** A file system of so many MiB in memory; null where this machine lets us mount none, which takes the rights of its administrator. */
export async function openSmallDisk(sizeMib: number) {
  const folder = await mkdtemp(join(tmpdir(), "stoa-disk-"));
  const options = `size=${sizeMib}m,mode=0755`;
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", options, "stoa-disk", folder]);
  if (!mounted.success) {
    await rm(folder, { recursive: true, force: true });
    return null;
  }
  const ballast = join(folder, "ballast");
  return {
    folder,
    /** Takes all that is left. */
    async fill(): Promise<number> {
      // `dd` writes until nothing more goes in, and says so by failing.
      const filled = Bun.spawnSync(["dd", "if=/dev/zero", `of=${ballast}`, "bs=64k", `count=${sizeMib * 16}`]);
      if (filled.success) throw new Error("the disk is not full");
      return (await stat(ballast)).size / MIB;
    },
    /** Somebody makes room. */
    free: () => rm(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      Bun.spawnSync(["umount", "-l", folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
