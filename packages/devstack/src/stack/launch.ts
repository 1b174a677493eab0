import type { RunningService, StandInOptions } from "../service.ts";
import type { Launch } from "./protocol.ts";

/** Starts one service in this process. Each module is loaded only where it is needed. */
export async function launch(request: Launch): Promise<RunningService> {
  const { settings } = request;
  const options: StandInOptions = { port: request.port, dataDir: request.dataDir, faults: request.faults };
  switch (request.launcher) {
    case "postgres": {
      const { startPostgres } = await import("../postgres/index.ts");
      const password = required(settings, "password");
      return startPostgres({
        port: request.port,
        dataDir: request.dataDir,
        password,
        onLog: (line) => console.log(line),
      });
    }
    case "redis": {
      const { startRedis } = await import("../redis/index.ts");
      return startRedis(options);
    }
    case "redis-binary": {
      const { startRedisBinary } = await import("../redis/index.ts");
      return startRedisBinary({ ...options, binary: required(settings, "binary") });
    }
    case "mongodb": {
      const { startMongodb } = await import("../mongodb/index.ts");
      return startMongodb(options);
    }
    case "mongodb-binary": {
      const { startMongodBinary } = await import("../mongodb/index.ts");
      return startMongodBinary({ ...options, binary: required(settings, "binary") });
    }
    case "typesense": {
      const { startTypesense } = await import("../typesense/index.ts");
      return startTypesense({ ...options, apiKey: required(settings, "apiKey") });
    }
    case "qstash": {
      const { startQstash } = await import("../qstash/index.ts");
      return startQstash({
        ...options,
        token: required(settings, "token"),
        currentSigningKey: required(settings, "currentSigningKey"),
        nextSigningKey: required(settings, "nextSigningKey"),
        timeScale: Number(required(settings, "timeScale")),
      });
    }
    case "stripe": {
      const { startStripe } = await import("../stripe/index.ts");
      return startStripe({
        ...options,
        secretKey: required(settings, "secretKey"),
        webhookSecret: required(settings, "webhookSecret"),
        webhookUrl: settings.webhookUrl ?? null,
        webhookEvents: settings.webhookEvents?.split(","),
      });
    }
    case "paypal": {
      const { startPaypal } = await import("../paypal/index.ts");
      return startPaypal({
        ...options,
        clientId: required(settings, "clientId"),
        clientSecret: required(settings, "clientSecret"),
        webhookId: required(settings, "webhookId"),
        webhookUrl: settings.webhookUrl ?? null,
      });
    }
    case "mail": {
      const { startMailbox } = await import("../mailbox/index.ts");
      return startMailbox({ ...options, pagePort: Number(required(settings, "pagePort")) });
    }
  }
}

function required(settings: Readonly<Record<string, string>>, name: string): string {
  const value = settings[name];
  if (value === undefined) throw new Error(`the setting ${name} is missing`);
  return value;
}
