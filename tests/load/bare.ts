import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Bare extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** A bare Bun.serve in a process of its own that answers the same bytes whatever is asked: what the machine can do without a shop. */
export async function startBare(bytes: ArrayBuffer): Promise<Bare> {
  const file = join(tmpdir(), `bare-${process.pid}`);
  await Bun.write(file, bytes);
  const ready = Promise.withResolvers<string>();
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "bare-server.ts"), file], {
    stdio: ["ignore", "inherit", "inherit"],
    ipc: (url) => ready.resolve(String(url)),
  });
  const url = await ready.promise;
  return {
    url,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}
