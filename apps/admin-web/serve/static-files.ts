import { join, normalize } from "node:path";

/**
 * A file of the build; every path without an extension is a screen, so it answers the page itself.
 * Hashed files never change, everything else is asked for again. What the build has packed goes so to whoever takes it.
 */
export async function serveFile(distDir: string, request: Request, pathname: string): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return new Response(null, { status: 405 });
  const decoded = decode(pathname);
  if (decoded === null || decoded.includes("\0")) return new Response(null, { status: 400 });
  const relative = normalize(decoded);
  if (relative.startsWith("..") || relative.includes("/..")) return new Response(null, { status: 404 });
  const isScreen = !/\.[a-z0-9]+$/i.test(relative);
  const path = join(distDir, isScreen ? "index.html" : relative);
  const file = Bun.file(path);
  if (!(await file.exists())) return new Response(null, { status: 404 });
  const isHashed = relative.startsWith("/assets/");
  const packed = isHashed && takesGzip(request) ? Bun.file(`${path}.gz`) : null;
  const isPacked = (await packed?.exists()) ?? false;
  return new Response(request.method === "HEAD" ? null : isPacked ? packed : file, {
    headers: {
      "content-type": file.type,
      "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
      ...(isHashed && { vary: "accept-encoding" }),
      ...(isPacked && { "content-encoding": "gzip" }),
    },
  });
}

function takesGzip({ headers }: Request): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(headers.get("accept-encoding") ?? "");
}

function decode(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null;
  }
}
