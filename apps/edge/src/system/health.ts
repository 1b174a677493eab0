import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const healthz = route(endpointById("system.healthz"), () => privateJson({ ok: true }));

export const readyz = route(endpointById("system.readyz"), async (deps) => {
  const report = await deps.health.check();
  const ok = report.ok && !deps.departure?.hasBegun;
  return privateJson({ ...report, ok, dependencies: deps.dependencies() }, ok ? 200 : 503);
});
