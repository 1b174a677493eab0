import { createConnection, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "../listen.ts";

/**
 * What the way between a client and a server does.
 * `blackHole`: connections are taken and no byte passes in either direction; what was held back arrives when the mode ends, late,
 * as over a real network. `cut`: a connection is reset when the server would answer byte `afterBytes` + 1 since the mode was set,
 * so 0 loses the answer to a request that was carried out. `refuse`: a connection is reset before anything is forwarded.
 */
export type TcpMode =
  | { readonly kind: "pass" }
  | { readonly kind: "blackHole" }
  | { readonly kind: "cut"; readonly afterBytes: number }
  | { readonly kind: "delay"; readonly delayMs: number }
  | { readonly kind: "refuse" };

export interface TcpProxyOptions {
  /** Where the server listens, on 127.0.0.1 unless a host is named. */
  readonly target: { readonly port: number; readonly hostname?: string };
  /** 0, the default, picks a free port. */
  readonly port?: number;
}

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections that are open now. */
  readonly connections: number;
  readonly mode: TcpMode;
  /** Holds for open connections too, from this moment. */
  setMode(mode: TcpMode): void;
  /** Resets every open connection. */
  cutAll(): void;
  /** The same URL through this proxy. */
  through(url: string): string;
  stop(): Promise<void>;
}

/** Starts a proxy on 127.0.0.1 that can make a network bad: slow, silent or cut. It begins in mode `pass`. */
export async function startTcpProxy({ target, port = 0 }: TcpProxyOptions): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let mode: TcpMode = { kind: "pass" };
  const server = createServer((client) => {
    if (mode.kind === "refuse") return void client.resetAndDestroy();
    const pair = new Pair(client, target);
    pairs.add(pair);
    pair.setMode(mode);
    client.once("close", () => pairs.delete(pair));
  });
  const bound = await listen(server, port);
  const cutAll = () => {
    for (const pair of pairs) pair.cut();
  };
  const stop = async () => {
    cutAll();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    port: bound,
    get connections() {
      return pairs.size;
    },
    get mode() {
      return mode;
    },
    setMode(next) {
      mode = next;
      for (const pair of pairs) pair.setMode(next);
    },
    cutAll,
    through(url) {
      const changed = new URL(url);
      changed.hostname = "127.0.0.1";
      changed.port = String(bound);
      // A URL without a path gets none, so that code which appends one goes on working.
      return url.endsWith("/") ? changed.href : changed.href.replace(/\/$/, "");
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** One connection of a client and the one to the server that was opened for it. */
class Pair {
  readonly #upstream: Socket;
  #mode: TcpMode = { kind: "pass" };
  #answered = 0;

  constructor(
    readonly client: Socket,
    target: TcpProxyOptions["target"],
  ) {
    this.#upstream = createConnection({ host: target.hostname ?? "127.0.0.1", port: target.port });
    for (const socket of [client, this.#upstream]) {
      socket.setNoDelay(true);
      socket.on("error", () => this.cut());
    }
    this.#carry(client, this.#upstream, () => true);
    this.#carry(this.#upstream, client, (size) => this.#mayAnswer(size));
  }

  setMode(mode: TcpMode): void {
    this.#mode = mode;
    this.#answered = 0;
    // The kernel holds back what a paused socket does not read, as a network does with what it has not delivered.
    for (const socket of [this.client, this.#upstream]) {
      if (mode.kind === "blackHole") socket.pause();
      else socket.resume();
    }
  }

  cut(): void {
    for (const socket of [this.client, this.#upstream]) if (!socket.destroyed) socket.resetAndDestroy();
  }

  #mayAnswer(size: number): boolean {
    this.#answered += size;
    return this.#mode.kind !== "cut" || this.#answered <= this.#mode.afterBytes;
  }

  #carry(from: Socket, to: Socket, mayPass: (size: number) => boolean): void {
    // One after the other, so that a shorter delay never lets later bytes overtake earlier ones.
    let tail: Promise<unknown> = Promise.resolve();
    const inOrder = (act: () => void) => {
      const delayMs = this.#mode.kind === "delay" ? this.#mode.delayMs : 0;
      const due = delayMs > 0 ? sleep(delayMs, undefined, { ref: false }) : null;
      tail = tail.then(() => due).then(act);
    };
    from.on("data", (bytes: Buffer) => {
      if (!mayPass(bytes.byteLength)) return this.cut();
      inOrder(() => {
        if (to.destroyed || to.write(bytes)) return;
        from.pause();
        to.once("drain", () => {
          if (this.#mode.kind !== "blackHole") from.resume();
        });
      });
    });
    from.on("end", () => inOrder(() => to.end()));
    from.on("close", () => inOrder(() => to.destroy()));
  }
}
