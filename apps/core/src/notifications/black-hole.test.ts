import { expect, test } from "bun:test";
import { startTcpProxy } from "@stoa/devstack/tcp-proxy";
import { createSmtpTransport } from "./transport.ts";

/** Longer than the client may wait: were it to wait for ever, the test would end here. */
const TEST_MS = 60_000;

test(
  "a network that swallows all that is sent keeps no mail waiting for ever",
  async () => {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("never seen") });
    await using silent = await startTcpProxy({ target: { port: Number(server.port) } });
    silent.setMode({ kind: "blackHole" });
    const smtp = createSmtpTransport({ url: `smtp://127.0.0.1:${silent.port}`, from: "shop@shop.example" });
    const to = { name: "Ada", address: "ada@shop.example" };
    const mail = { messageId: "1@shop.example", date: new Date(), to, replyTo: null, subject: "", text: "", html: "" };
    await expect(smtp.send({ ...mail, files: [] })).rejects.toThrow();
    smtp.close();
    await server.stop(true);
  },
  TEST_MS,
);
