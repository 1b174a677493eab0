import { problem } from "@stoa/kernel";

/** A client that sends a byte now and then would otherwise hold its place for hours. */
const BODY_MS_MAX = 15_000;

/** The request's bytes, refused as soon as they pass the limit, whatever the content-length said. */
export async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > bytesMax) throw problem("payload_too_large");
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const deadline = performance.now() + BODY_MS_MAX;
  for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > bytesMax) throw problem("payload_too_large");
    if (performance.now() > deadline) throw problem("malformed_json", { detail: "The body took too long." });
    chunks.push(chunk);
  }
  return joined(chunks, size);
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
