import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { createQueryClient } from "../src/query-client.ts";
import { type Me, MeProvider } from "../src/shell/me.tsx";
import { ShopProvider } from "../src/shell/shop.tsx";
import { type Ask, createClient, TRPCProvider } from "../src/trpc.ts";

export interface Call {
  readonly path: string;
  readonly input: unknown;
  readonly idempotencyKey: string | null;
}

type Answer = (call: Call) => { readonly data: unknown } | { readonly problem: { code: string; members: object } };

export interface Staged {
  /** What core was asked to change, in order. */
  readonly mutations: Call[];
}

const shop = {
  name: "Test shop",
  defaultCurrency: "USD",
  currencies: ["USD", "EUR"],
  locale: "en-US",
  lowStockThreshold: 5,
} as const;

function keyIn(headers: unknown): string | null {
  const named = new Map<string, unknown>(Object.entries(headers ?? {}));
  const key = named.get("idempotency-key");
  return typeof key === "string" ? key : null;
}

/** Shows a part of the dashboard as somebody with these rights sees it, before a core that answers as told. */
export async function stage(ui: ReactNode, rights: Me["rights"], answer: Answer): Promise<Staged> {
  const mutations: Call[] = [];
  const ask: Ask = async (input, init) => {
    const url = new URL(String(input), "http://localhost");
    const path = url.pathname.replace("/trpc/", "");
    const isQuery = (init?.method ?? "GET") === "GET";
    const text = isQuery ? url.searchParams.get("input") : String(init?.body ?? "{}");
    const inputs: unknown = JSON.parse(text ?? "{}");
    const replies = path.split(",").map((one, index) => {
      const own = isQuery ? Object.entries(inputs ?? {}).find(([key]) => key === String(index))?.[1] : inputs;
      const call = { path: one, input: own, idempotencyKey: keyIn(init?.headers) };
      if (!isQuery) mutations.push(call);
      const reply = answer(call);
      if ("data" in reply) return { result: reply };
      return {
        error: { message: reply.problem.code, code: -32000, data: { code: "CONFLICT", problem: reply.problem } },
      };
    });
    const isFailed = replies.some((reply) => "error" in reply);
    return Response.json(isQuery ? replies : replies[0], { status: isFailed ? 409 : 200 });
  };
  const queries = createQueryClient(() => undefined);
  const client = createClient("http://localhost/trpc", ask);
  const me: Me = { id: "stf_1" as Me["id"], name: "Olivia", email: "olivia@shop.example", roles: ["owner"], rights };
  const root = createRootRoute({
    component: () => (
      <QueryClientProvider client={queries}>
        <TRPCProvider trpcClient={client} queryClient={queries}>
          <MeProvider me={me}>
            <ShopProvider shop={{ ...shop, currencies: [...shop.currencies] }}>{ui}</ShopProvider>
          </MeProvider>
        </TRPCProvider>
      </QueryClientProvider>
    ),
  });
  const router = createRouter({ routeTree: root, history: createMemoryHistory({ initialEntries: ["/"] }) });
  await router.load();
  // The test's own little router is not the dashboard's, whose routes it does not have.
  render(<RouterProvider router={router as never} />);
  return { mutations };
}
