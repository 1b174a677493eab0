import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

const LINE_LENGTH_MAX = 1_000_000;
/** Unpacked; a small archive must not fill the machine. */
const FILE_BYTES_MAX = 4_000_000_000;

/** A file that is read as it is needed, unpacked when its name ends in .gz. */
export interface OpenFile {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** How much of it has been read, from 0 to 1. */
  fraction(): number;
}

export async function openFile(path: string): Promise<OpenFile> {
  const { size } = await stat(path);
  return openChunks(createReadStream(path), { size, isPacked: path.endsWith(".gz") });
}

/**
 * Bytes that come from somewhere else; `size` as they come, null when nobody says. Reading throws RangeError for what is no UTF-8 and
 * for an archive that is none, or ends too early.
 */
export function openChunks(
  chunks: AsyncIterable<Uint8Array>,
  { size, isPacked }: { readonly size: number | null; readonly isPacked: boolean },
): OpenFile {
  let read = 0;
  async function* counted() {
    for await (const chunk of chunks) {
      read += chunk.byteLength;
      yield chunk;
    }
  }
  const stream = isPacked ? unpacked(Readable.from(counted())) : counted();
  return {
    chunks: utf8Only(limited(stream)),
    fraction: () => (size === null || size === 0 ? 0 : Math.min(1, read / size)),
  };
}

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Null when it is longer than LINE_LENGTH_MAX. */
  readonly text: string | null;
}

/** The lines of a file, empty ones left out. A line that is too long costs no memory and spoils no other. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Line> {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  let tooLong = false;
  let number = 0;
  const finish = (text: string): Line | null => {
    number += 1;
    const line = { number, text: tooLong ? null : text.replace(/\r$/, "") };
    tooLong = false;
    return line.text !== null && line.text.trim() === "" ? null : line;
  };
  for await (const chunk of chunks) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      const line = finish(piece);
      if (line) yield line;
    }
    if (rest.length > LINE_LENGTH_MAX) {
      tooLong = true;
      rest = "";
    }
  }
  const last = rest === "" && !tooLong ? null : finish(rest);
  if (last) yield last;
}

async function* unpacked(source: Readable): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  try {
    for await (const chunk of source.pipe(gunzip)) yield chunk;
  } catch (error) {
    // zlib's own codes: Z_DATA_ERROR, Z_BUF_ERROR.
    const isBroken = error instanceof Error && "code" in error && /^Z_/.test(String(error.code));
    throw isBroken ? new RangeError("the file is no gzip archive, or one that is broken or cut off") : error;
  }
}

/** Letters that were taken for others would be kept as if somebody had meant them. @throws RangeError where it is no UTF-8. */
async function* utf8Only(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const check = (chunk: Uint8Array, isLast: boolean) => {
    try {
      decoder.decode(chunk, { stream: !isLast });
    } catch {
      throw new RangeError("the file is not UTF-8; save it as that");
    }
  };
  for await (const chunk of stream) {
    check(chunk, false);
    yield chunk;
  }
  check(new Uint8Array(), true);
}

async function* limited(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > FILE_BYTES_MAX) throw new Error(`the file holds more than ${FILE_BYTES_MAX} bytes`);
    yield chunk;
  }
}
