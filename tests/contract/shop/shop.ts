import { type AppProcess, freePort, type Stack, seedOnce, startAppProcess, startStack } from "@stoa/devstack";
import { seedDemoShop } from "@stoa/devstack/seed";
import { type ScriptedCore, startOddRedis, startScriptedCore } from "./stand-ins.ts";

const CLASSES = ["READS", "WRITES", "CHECKOUTS", "LOOKUPS", "AUTH"];
const limits = (perMinute: number) =>
  Object.fromEntries(CLASSES.map((name) => [`RATE_LIMIT_${name}_PER_MINUTE`, String(perMinute)]));

/** The demo shop as it runs, and edges of it to which something has happened. */
export interface ShopUnderTest extends AsyncDisposable {
  readonly stack: Stack;
  /** The shop as shoppers meet it. */
  readonly edgeUrl: string;
  /** Of the same shop, with a core behind it that does as it is told. */
  readonly scriptedUrl: string;
  readonly core: ScriptedCore;
  /** Of the same shop, one call a minute from an address that `X-Forwarded-For` names. */
  readonly limitedUrl: string;
  /** Nothing behind it answers. */
  readonly lonelyUrl: string;
  /** What is behind it answers what nobody has foreseen. */
  readonly oddUrl: string;
  readonly ownerSignIn: { readonly email: string; readonly password: string };
  readonly sampleSku: string;
}

/** On a busy machine an order takes longer than a shopper is to wait; what it comes to is what matters here. */
const patient = { ORDER_SETTLE_WAIT_MS: "25000" };
const asShoppers = { ORDER_SETTLE_WAIT_MS: "1500" };

export async function openShop(): Promise<ShopUnderTest> {
  await using building = new AsyncDisposableStack();
  const stack = building.use(
    await startStack({
      dataDir: null,
      apps: ["core", "edge"],
      env: {
        NODE_ENV: "test",
        LOG_LEVEL: "error",
        EDGE_PORT: "0",
        CORE_PORT: "0",
        ADMIN_PORT: "0",
        ...limits(0),
        ...patient,
      },
    }),
  );
  const seeded = await seedOnce(stack, seedDemoShop, { empty: false, progress: () => undefined });
  const core = building.use(startScriptedCore());
  const redis = building.use(startOddRedis());
  const nobody = `127.0.0.1:${await freePort()}`;
  const edge = async (env: Readonly<Record<string, string>>): Promise<AppProcess> =>
    building.use(
      await startAppProcess({ name: "edge", env: { ...stack.env, ...asShoppers, ...env }, until: "/healthz" }),
    );
  const [scripted, limited, lonely, odd] = await Promise.all([
    edge({ CORE_URL: core.url }),
    edge({ ...limits(1), TRUSTED_PROXIES: "1" }),
    edge({ CORE_URL: `http://${nobody}`, REDIS_URL: `redis://${nobody}`, TYPESENSE_URL: `http://${nobody}` }),
    edge({ CORE_URL: core.url, REDIS_URL: redis.url }),
  ]);
  const owner = seeded.signIns.find(({ role }) => role === "owner");
  if (!owner || !seeded.sampleSku) throw new Error("the demo shop has no owner or nothing to sell");
  const parts = building.move();
  return {
    stack,
    edgeUrl: stack.urls.edge,
    scriptedUrl: scripted.url,
    core,
    limitedUrl: limited.url,
    lonelyUrl: lonely.url,
    oddUrl: odd.url,
    ownerSignIn: owner,
    sampleSku: seeded.sampleSku,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
