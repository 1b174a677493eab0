import { ARGUMENTS_MAX, BULK_BYTES_MAX, INLINE_BYTES_MAX, INPUT_BYTES_MAX } from "./limits.ts";
import { RedisError } from "./reply.ts";

/** Cuts a stream of bytes (as latin1 text) into commands. A RedisError thrown here means the connection cannot go on. */
export class CommandParser {
  #buffer = "";
  #position = 0;
  /** Arguments still to come of the command begun, 0 between commands. */
  #missing = 0;
  #arguments: string[] = [];
  #argumentBytes = 0;
  /** No use looking again before the buffer is this long: spares rescanning while a large value arrives in pieces. */
  #lengthNeeded = 0;

  push(text: string): void {
    if (this.#buffer.length - this.#position + text.length > INPUT_BYTES_MAX) {
      throw new RedisError("ERR Protocol error: too much unread input");
    }
    this.#buffer += text;
  }

  /** The next whole command, or null until more has arrived. */
  next(): string[] | null {
    if (this.#buffer.length < this.#lengthNeeded) return null;
    this.#lengthNeeded = 0;
    for (;;) {
      const command = this.#missing > 0 ? this.#readArguments() : this.#begin();
      if (command === null) {
        this.#compact();
        return null;
      }
      if (command.length > 0) return command;
    }
  }

  /** Reads the line that opens a command. An empty array means: go on, nothing to run yet. */
  #begin(): string[] | null {
    const line = this.#line(INLINE_BYTES_MAX);
    if (line === null) return null;
    if (!line.startsWith("*")) return line.split(/\s+/).filter((word) => word !== "");
    const count = Number(line.slice(1));
    if (!Number.isInteger(count) || count > ARGUMENTS_MAX) {
      throw new RedisError("ERR Protocol error: invalid multibulk length");
    }
    this.#missing = Math.max(0, count);
    this.#arguments = [];
    this.#argumentBytes = 0;
    return [];
  }

  #readArguments(): string[] | null {
    while (this.#missing > 0) {
      const start = this.#position;
      const line = this.#line(32);
      if (line === null) return null;
      const length = line.startsWith("$") ? Number(line.slice(1)) : Number.NaN;
      if (!Number.isInteger(length) || length < 0 || length > BULK_BYTES_MAX) {
        throw new RedisError("ERR Protocol error: invalid bulk length");
      }
      this.#argumentBytes += length;
      if (this.#argumentBytes > INPUT_BYTES_MAX) throw new RedisError("ERR Protocol error: command too large");
      const end = this.#position + length;
      if (this.#buffer.length < end + 2) {
        this.#lengthNeeded = end + 2 - start;
        this.#argumentBytes -= length;
        this.#position = start;
        return null;
      }
      this.#arguments.push(this.#buffer.slice(this.#position, end));
      this.#position = end + 2;
      this.#missing -= 1;
    }
    return this.#arguments;
  }

  #line(bytesMax: number): string | null {
    const end = this.#buffer.indexOf("\n", this.#position);
    if (end < 0) {
      if (this.#buffer.length - this.#position > bytesMax) {
        throw new RedisError("ERR Protocol error: too big inline request");
      }
      return null;
    }
    const line = this.#buffer.slice(this.#position, this.#buffer[end - 1] === "\r" ? end - 1 : end);
    this.#position = end + 1;
    return line;
  }

  #compact(): void {
    this.#buffer = this.#buffer.slice(this.#position);
    this.#position = 0;
  }
}
