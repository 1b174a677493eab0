/** The largest webhook body that is read. */
export const WEBHOOK_BODY_MAX_BYTES = 256 * 1024;

/** The body exactly as it was sent, which signatures cover; null when it is larger than allowed or not UTF-8. */
export async function readRawBody(request: Request, bytesMax = WEBHOOK_BODY_MAX_BYTES): Promise<string | null> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > bytesMax) return null;
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    return null;
  }
}
