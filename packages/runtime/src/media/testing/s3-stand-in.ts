import { createHash, createHmac } from "node:crypto";

export interface S3StandIn extends AsyncDisposable {
  readonly endpoint: string;
  /** `bucket/key` → what lies there. */
  readonly objects: Map<string, { readonly bytes: Uint8Array; readonly contentType: string | null }>;
  /** Answers every request so, while it is set. */
  broken: number | null;
}

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** As much of S3 as a store of files needs, over HTTP: signed URLs (signature version 4) are checked, and refused with 403. */
export function startS3StandIn(secretAccessKey: string): S3StandIn {
  const objects: S3StandIn["objects"] = new Map();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (standIn.broken !== null) return new Response(null, { status: standIn.broken });
      const url = new URL(request.url);
      if (!isSigned(request.method, url, request.headers.get("host") ?? "", secretAccessKey)) {
        return new Response("<Error><Code>SignatureDoesNotMatch</Code></Error>", { status: 403 });
      }
      const key = decodeURIComponent(url.pathname.slice(1));
      if (request.method === "PUT") {
        objects.set(key, { bytes: await request.bytes(), contentType: request.headers.get("content-type") });
        return new Response(null);
      }
      if (request.method === "DELETE") return new Response(null, { status: objects.delete(key) ? 204 : 404 });
      const object = objects.get(key);
      if (!object) return new Response("<Error><Code>NoSuchKey</Code></Error>", { status: 404 });
      const etag = `"${createHash("md5").update(object.bytes).digest("hex")}"`;
      return new Response(object.bytes.slice(), { headers: { etag, "content-type": object.contentType ?? "" } });
    },
  });
  const standIn: S3StandIn = {
    endpoint: `http://127.0.0.1:${server.port}`,
    objects,
    broken: null,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
  return standIn;
}

function isSigned(method: string, url: URL, host: string, secret: string): boolean {
  const query = url.searchParams;
  const [, date = "", region = "", service = ""] = (query.get("X-Amz-Credential") ?? "").split("/");
  const names = [...query.keys()].filter((name) => name !== "X-Amz-Signature").sort();
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const canonicalQuery = names.map((name) => `${encode(name)}=${encode(query.get(name) ?? "")}`).join("&");
  const canonical = [method, url.pathname, canonicalQuery, `host:${host}`, "", "host", "UNSIGNED-PAYLOAD"].join("\n");
  const at = query.get("X-Amz-Date") ?? "";
  const scope = `${date}/${region}/${service}/aws4_request`;
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request");
  const text = ["AWS4-HMAC-SHA256", at, scope, sha256(canonical)].join("\n");
  return hmac(key, text).toString("hex") === query.get("X-Amz-Signature");
}
