import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { problemOf } from "./problems.ts";

const FRESH_MS = 10_000;
const RETRIES_MAX = 2;
const PASSING = new Set(["unreachable", "service_unavailable"]);

/**
 * What the dashboard knows of the shop. A refusal is shown at once; only what may pass by itself is asked again.
 * `onSignedOut` is called when core no longer knows the session.
 */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (problemOf(error).code === "unauthenticated") onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        retry: (failures, error) => failures < RETRIES_MAX && PASSING.has(problemOf(error).code),
        retryDelay: (failures) => 400 * 2 ** failures,
      },
      // Whether money or stock moves twice is not for a browser to try.
      mutations: { retry: false },
    },
  });
}
