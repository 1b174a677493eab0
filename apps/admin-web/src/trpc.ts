import type { AppRouter } from "@stoa/core/rpc";
import {
  createTRPCClient,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClient,
} from "@trpc/client";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import { createTRPCContext, type TRPCOptionsProxy } from "@trpc/tanstack-react-query";

export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

/** Everything that core answers, by procedure. */
export type Outputs = inferRouterOutputs<AppRouter>;
/** Everything that core takes, by procedure. */
export type Inputs = inferRouterInputs<AppRouter>;
export type Client = TRPCClient<AppRouter>;
/** Query options by procedure, for loaders, which stand outside of React. */
export type Trpc = TRPCOptionsProxy<AppRouter>;

/** The part of fetch that calls to core need. */
export type Ask = NonNullable<Parameters<typeof httpLink>[0]["fetch"]>;

const BATCH_MAX = 10;
/** Proxies on the way may refuse longer addresses. */
const URL_LENGTH_MAX = 6_000;

/** `ask` stands in for the browser's fetch where there is no network. */
export function createClient(url = "/trpc", ask?: Ask): Client {
  const http = ask ? { url, fetch: ask } : { url };
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === "subscription",
        true: httpSubscriptionLink({ url }),
        false: splitLink({
          condition: (operation) => operation.type === "mutation",
          // Each change goes alone, under the key that makes it count once.
          true: httpLink({ ...http, headers: ({ op }) => keyHeader(op.context.idempotencyKey) }),
          false: httpBatchLink({ ...http, maxItems: BATCH_MAX, maxURLLength: URL_LENGTH_MAX }),
        }),
      }),
    ],
  });
}

function keyHeader(key: unknown): Record<string, string> {
  return typeof key === "string" ? { "idempotency-key": key } : {};
}
