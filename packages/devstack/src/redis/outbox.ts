import type { Socket } from "bun";
import { OUTPUT_BYTES_MAX } from "./limits.ts";

/** What is on its way to one client. Gathers replies, respects back-pressure, gives up on a client that does not read. */
export class Outbox<Data> {
  #text = "";
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #flushScheduled = false;
  #ending = false;

  constructor(private readonly socket: Socket<Data>) {}

  /** Latin1 text, sent at the end of the present turn together with what else gathers until then. */
  write(text: string): void {
    this.#text += text;
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    queueMicrotask(() => this.flush());
  }

  flush(): void {
    this.#flushScheduled = false;
    if (this.#text !== "") {
      const bytes = Buffer.from(this.#text, "latin1");
      this.#text = "";
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
    }
    this.#send();
    if (this.#waitingBytes > OUTPUT_BYTES_MAX) this.socket.terminate();
  }

  /** Closes once everything is sent. */
  end(): void {
    this.#ending = true;
    this.flush();
  }

  #send(): void {
    while (this.#waiting[0]) {
      const next = this.#waiting[0];
      const sent = Math.max(0, this.socket.write(next));
      this.#waitingBytes -= sent;
      if (sent < next.length) {
        this.#waiting[0] = next.subarray(sent);
        return;
      }
      this.#waiting.shift();
    }
    if (this.#ending) this.socket.end();
  }
}
