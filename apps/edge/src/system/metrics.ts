import { problem } from "@stoa/kernel";
import type { EdgeDeps, ServerLike } from "../deps.ts";

const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The metrics as Prometheus reads them. */
export async function metricsAnswer(deps: Pick<EdgeDeps, "metrics">): Promise<Response> {
  return new Response(await deps.metrics.metricsText(), { headers: { "content-type": CONTENT_TYPE } });
}

/**
 * On the public listener only the machine itself may ask, and not through a proxy, which would look like the machine itself.
 * @throws problem `not_found` for everybody else.
 */
export function publicMetrics(deps: EdgeDeps, request: Request, server: ServerLike | null): Promise<Response> {
  const { socketAddress, settings } = deps;
  const address = socketAddress(request, server).replace(/^::ffff:/, "");
  const isLoopback = address === "::1" || address.startsWith("127.");
  const isForwarded = request.headers.has("x-forwarded-for") || request.headers.has("forwarded");
  if (settings.metricsOnPublicListener && isLoopback && !isForwarded) return metricsAnswer(deps);
  throw problem("not_found");
}
