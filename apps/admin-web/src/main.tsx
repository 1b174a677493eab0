import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { type CSSProperties, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Toaster } from "sonner";
import { z } from "zod";
import "./index.css";
import { paths, safeTarget } from "./paths.ts";
import { createQueryClient } from "./query-client.ts";
import { createAppRouter } from "./router.tsx";
import { applyTheme, storedTheme } from "./shell/theme.ts";
import { createClient, TRPCProvider } from "./trpc.ts";

// The page's policy allows no code made of text, so zod shall not try.
z.config({ jitless: true });

const client = createClient();
const queries = createQueryClient(() => {
  const { pathname, href } = router.state.location;
  if (pathname === paths.signIn) return;
  void router.navigate({ to: paths.signIn, search: { to: safeTarget(href) }, replace: true });
});
const router = createAppRouter({ queries, trpc: createTRPCOptionsProxy({ client, queryClient: queries }) });

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => applyTheme(storedTheme()));

/** The theme that the member of staff chose, which may be another one than the device's. */
const toastColours = {
  "--normal-bg": "var(--surface)",
  "--normal-text": "var(--ink)",
  "--normal-border": "var(--line)",
} as CSSProperties;

const element = document.getElementById("root");
if (!element) throw new Error("the page has no #root");
createRoot(element).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <TRPCProvider trpcClient={client} queryClient={queries}>
        <RouterProvider router={router} />
        <Toaster position="bottom-right" closeButton mobileOffset={{ bottom: "5rem" }} style={toastColours} />
      </TRPCProvider>
    </QueryClientProvider>
  </StrictMode>,
);
