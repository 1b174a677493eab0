import { idSchema, pageQuerySchema } from "@stoa/kernel";
import { z } from "zod";
import { mergeRouters, router, staffProcedure } from "../../platform/rpc/index.ts";
import type { PaymentEventDeps } from "./attempt.ts";
import { auditPayment } from "./audit-payment.ts";
import { createCreditsRouter } from "./credits/credits-router.ts";
import { createPaymentDeskRouter } from "./desk-router.ts";
import { providerNames } from "./payment.ts";
import { listProviderEvents, paymentDetails } from "./queries.ts";
import { createReconcileRouter } from "./reconcile/reconcile-router.ts";
import { createSavedMethodsRouter } from "./saved/saved-router.ts";
import { takePayment } from "./take-payment.ts";

export interface PaymentsRouterDeps extends PaymentEventDeps {}

const orderId = idSchema("ord");
const results = ["applied", "ignored", "unmatched", "mismatch", "failed", "waiting"] as const;

/** For the dashboard: how an order was paid, what providers have sent, and taking money that staff have seen come in. */
export function createPaymentsRouter(deps: PaymentsRouterDeps) {
  const own = router({
    ofOrder: staffProcedure("payments:read")
      .input(z.strictObject({ orderId }))
      .query(async ({ input }) => ({ items: await paymentDetails(deps.db, input.orderId) })),
    events: staffProcedure("payments:read")
      .input(
        z.strictObject({
          ...pageQuerySchema.shape,
          provider: z.enum(providerNames).optional(),
          result: z.enum(results).optional(),
        }),
      )
      .query(({ input }) => listProviderEvents(deps.db, input)),
    capture: staffProcedure("orders:write")
      .input(z.strictObject({ orderId }))
      .mutation(({ ctx, input }) =>
        takePayment(deps, input.orderId, ctx.actor, {
          begun: (context, paymentId) =>
            auditPayment(context, ctx, { action: "payment.capture_asked", paymentId, after: {} }),
          settled: (context, { paymentId, kind }) =>
            auditPayment(context, ctx, { action: "payment.captured", paymentId, after: { outcome: kind } }),
        }),
      ),
  });
  return mergeRouters(
    own,
    createPaymentDeskRouter(deps),
    createReconcileRouter(deps),
    createCreditsRouter(deps),
    createSavedMethodsRouter(deps),
  );
}
