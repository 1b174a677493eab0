import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below what Linux (32768), macOS and Windows (49152) give to outgoing connections: a port from there could be taken by any connection of
 * this machine before its server listens. Above what servers are usually given.
 */
const PORTS = { from: 20_000, to: 32_000 };

/** A TCP port on 127.0.0.1 that nothing listens on at this moment, and that no outgoing connection takes. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isPortFree(port)) return port;
  }
}

/** True when this port of 127.0.0.1 can be listened on. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await listenError(port, "127.0.0.1")) === null;
}

/** What the system says when this address cannot be listened on, such as `EADDRINUSE`; null when it can. */
export function listenError(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}
