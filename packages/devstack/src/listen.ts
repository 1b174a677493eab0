import type { Server } from "node:net";

/** Has a server listen on 127.0.0.1. Answers the port, which is a free one for 0. @throws what keeps it from listening. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
