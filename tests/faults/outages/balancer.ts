import { createConnection, createServer, type Socket } from "node:net";
import { isOk } from "./is-ok.ts";

const LOOK_MS = 50;

export interface Balancer extends AsyncDisposable {
  readonly url: string;
}

/** What stands before several equal processes: each connection goes to one that says it is ready, in turn. */
export async function startBalancer(targets: () => readonly string[]): Promise<Balancer> {
  let ready: readonly string[] = [];
  const look = async () => {
    const looked = targets().map(async (url) => ((await isOk(`${url}/readyz`)) ? [url] : []));
    ready = (await Promise.all(looked)).flat();
  };
  let isOver = false;
  await look();
  const looking = (async () => {
    while (!isOver) {
      await look();
      await Bun.sleep(LOOK_MS);
    }
  })();
  let turn = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    turn += 1;
    const target = ready[turn % Math.max(1, ready.length)];
    if (!target) return void client.destroy();
    const upstream = createConnection(Number(new URL(target).port), "127.0.0.1");
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.setNoDelay();
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      isOver = true;
      await looking;
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
