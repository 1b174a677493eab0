import { expect, test } from "bun:test";
import { createServer } from "node:net";
import { listen } from "../listen.ts";
import { freePort, isPortFree } from "./free-port.ts";

/** Where Linux begins to give ports to outgoing connections, the lowest of the systems that Stoa runs on. */
const FIRST_OF_OUTGOING = 32_768;

test("a free port can be listened on, and no outgoing connection takes it meanwhile", async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, freePort));
  for (const port of ports) expect(port).toBeWithin(1_024, FIRST_OF_OUTGOING);
  const [port = 0] = ports;
  const server = createServer();
  expect(await listen(server, port)).toBe(port);
  expect(await isPortFree(port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(await isPortFree(port)).toBe(true);
});
