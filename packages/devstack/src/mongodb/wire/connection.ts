import type { Socket } from "bun";
import type { FaultAction, Faults } from "../../faults.ts";
import { asMongoError, errorCode, MongoError } from "../errors.ts";
import type { Later } from "../turns.ts";
import type { Command } from "./command.ts";
import { encodeMessage, HEADER_BYTES, type Incoming, MESSAGE_BYTES_MAX, parseMessage, type Reply } from "./message.ts";

/** Answers waiting for a client that does not read; beyond this the connection is cut. */
const UNSENT_BYTES_MAX = 128 * 1024 * 1024;

export interface ConnectionOptions {
  readonly faults: Faults | null;
  run(command: Command): Later<Reply>;
}

/** One client: puts its messages together, runs them one after the other, sends the answers in the same order. */
export class Connection {
  #received: Buffer[] = [];
  #receivedBytes = 0;
  #waiting: Incoming[] = [];
  #unsent: Buffer[] = [];
  #unsentBytes = 0;
  #busy = false;
  #closed = false;

  constructor(
    readonly socket: Socket<Connection | null>,
    readonly options: ConnectionOptions,
  ) {}

  receive(chunk: Buffer): void {
    // The runtime reuses its buffer after this call.
    this.#received.push(Buffer.from(chunk));
    this.#receivedBytes += chunk.length;
    try {
      for (let message = this.#nextMessage(); message; message = this.#nextMessage())
        this.#waiting.push(parseMessage(message));
    } catch {
      this.close();
      return;
    }
    if (!this.#busy) void this.#runWaiting();
  }

  #nextMessage(): Buffer | null {
    if (this.#receivedBytes < HEADER_BYTES) return null;
    if ((this.#received[0]?.length ?? 0) < HEADER_BYTES) this.#received = [Buffer.concat(this.#received)];
    const length = this.#received[0]?.readInt32LE(0) ?? 0;
    if (length < HEADER_BYTES || length > MESSAGE_BYTES_MAX)
      throw new MongoError("BadValue", `A message of ${length} bytes`);
    if (this.#receivedBytes < length) return null;
    const all = this.#received.length === 1 && this.#received[0] ? this.#received[0] : Buffer.concat(this.#received);
    this.#received = [all.subarray(length)];
    this.#receivedBytes -= length;
    return all.subarray(0, length);
  }

  async #runWaiting(): Promise<void> {
    this.#busy = true;
    for (let incoming = this.#waiting.shift(); incoming && !this.#closed; incoming = this.#waiting.shift()) {
      const fault = this.options.faults?.next(incoming.command.name) ?? null;
      // Without a fault nothing waits but long reads, so that commands of one chunk run in one turn.
      if (fault) await this.#runStruck(incoming, fault);
      else {
        const reply = runSafely(this.options, incoming.command);
        this.#answer(incoming, reply instanceof Promise ? await reply : reply);
      }
    }
    this.#busy = false;
  }

  async #runStruck(incoming: Incoming, fault: FaultAction): Promise<void> {
    switch (fault.kind) {
      case "drop":
        return this.close();
      case "loseAnswer":
        await runSafely(this.options, incoming.command);
        return this.close();
      case "delay":
        await Bun.sleep(fault.delayMs);
        return this.#answer(incoming, await runSafely(this.options, incoming.command));
      case "fail":
        return this.#answer(incoming, errorReply(faultError(fault)));
      default:
        return this.#answer(
          incoming,
          errorReply(new MongoError("InternalError", `A database has no fault '${fault.kind}'`)),
        );
    }
  }

  #answer(incoming: Incoming, reply: Reply): void {
    if (!incoming.wantsReply || this.#closed) return;
    this.#send(encodeSafely(incoming, reply));
  }

  #send(bytes: Buffer): void {
    this.#unsent.push(bytes);
    this.#unsentBytes += bytes.length;
    this.flush();
    if (this.#unsentBytes > UNSENT_BYTES_MAX) this.close();
  }

  /** Writes what the socket takes; it calls again when it takes more. */
  flush(): void {
    for (let next = this.#unsent[0]; next; next = this.#unsent[0]) {
      const written = this.socket.write(next);
      if (written < 0) {
        this.close();
        return;
      }
      this.#unsentBytes -= written;
      if (written < next.length) {
        this.#unsent[0] = next.subarray(written);
        return;
      }
      this.#unsent.shift();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = [];
    this.#unsent = [];
    this.socket.terminate();
  }
}

function runSafely(options: ConnectionOptions, command: Command): Later<Reply> {
  const failed = (error: unknown) => errorReply(asMongoError(error));
  try {
    const reply = options.run(command);
    return reply instanceof Promise ? reply.catch(failed) : reply;
  } catch (error) {
    return failed(error);
  }
}

/** An answer may turn out too large only while it is encoded. */
function encodeSafely(incoming: Incoming, reply: Reply): Buffer {
  try {
    return encodeMessage(incoming, reply);
  } catch (error) {
    return encodeMessage(incoming, errorReply(asMongoError(error)));
  }
}

function errorReply(error: MongoError): Reply {
  return { body: { ok: 0, errmsg: error.message, code: error.code, codeName: error.codeName, ...error.members } };
}

/** The code may be a name ("NotWritablePrimary") or a number; a status stands in for it. */
function faultError(fault: Extract<FaultAction, { kind: "fail" }>): MongoError {
  const number = errorCode(fault.code ?? "") ?? fault.status ?? 1;
  const name =
    fault.code && errorCode(fault.code) !== null && !/^\d+$/.test(fault.code) ? fault.code : `Location${number}`;
  return new MongoError(name as `Location${number}`, "A fault that was asked for", { code: number });
}
