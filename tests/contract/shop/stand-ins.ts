import { type ProblemCode, problemCodes } from "@stoa/kernel";
import type { TCPSocketListener } from "bun";

/** A core that refuses every call with one code, or keeps its callers waiting. */
export interface ScriptedCore extends AsyncDisposable {
  readonly url: string;
  refuseWith(code: ProblemCode): void;
  /** From now on callers wait; resolves to what lets them go once one of them has come. */
  hold(): { readonly came: Promise<void>; readonly release: () => void };
}

export function startScriptedCore(): ScriptedCore {
  let code: ProblemCode = "internal_error";
  let held: { readonly came: () => void; readonly gate: Promise<void> } | null = null;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (new URL(request.url).pathname === "/readyz") return new Response("ready");
      await request.arrayBuffer();
      held?.came();
      await held?.gate;
      const { status } = problemCodes[code];
      // As tRPC writes an error that carries a problem.
      const data = { code: "INTERNAL_SERVER_ERROR", httpStatus: status, problem: { code, members: {} } };
      return Response.json({ error: { message: code, code: -32603, data } }, { status });
    },
  });
  return {
    url: server.url.href.replace(/\/$/, ""),
    refuseWith: (next) => {
      code = next;
    },
    hold: () => {
      const came = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      held = { came: came.resolve, gate: gate.promise };
      const release = () => {
        held = null;
        gate.resolve();
      };
      return { came: came.promise, release };
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

const SUBSCRIBE = /\$9\r\nsubscribe\r\n(\$\d+\r\n\S+\r\n)/g;

/** A server that speaks Redis' protocol, lets everybody listen, and answers all else with the number 1: what nobody has foreseen. */
export function startOddRedis(): Disposable & { readonly url: string } {
  const server: TCPSocketListener = Bun.listen({
    port: 0,
    hostname: "127.0.0.1",
    socket: {
      data(socket, bytes) {
        const text = bytes.toString();
        for (const [, channel] of text.matchAll(SUBSCRIBE)) socket.write(`*3\r\n$9\r\nsubscribe\r\n${channel}:1\r\n`);
        const rest = text.replace(/\*\d+\r\n\$9\r\nsubscribe\r\n\$\d+\r\n\S+\r\n/g, "");
        // Every command is an array, and no argument of edge's begins a line with a star.
        const commands = rest.match(/^\*\d+\r$/gm)?.length ?? 0;
        const isPing = rest.includes("$4\r\nping\r\n");
        socket.write(isPing ? "*2\r\n$4\r\npong\r\n$0\r\n\r\n" : ":1\r\n".repeat(commands));
      },
    },
  });
  return { url: `redis://127.0.0.1:${server.port}`, [Symbol.dispose]: () => server.stop(true) };
}
