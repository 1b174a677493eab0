import { idSchema } from "@stoa/kernel";
import { z } from "zod";
import { recordAudit } from "../../../platform/audit/index.ts";
import { router, shopProcedure, staffProcedure } from "../../../platform/rpc/index.ts";
import { settingRouter } from "../../../platform/settings/index.ts";
import { type InvoicingDeps, issueInvoice } from "./issue.ts";
import { invoiceFile, type PaperFile, paperFile, papersOfOrder, paperView, requireOwnOrder } from "./papers.ts";
import { invoicingSetting } from "./settings.ts";

const orderId = idSchema("ord");
const paper = z.strictObject({ orderId, id: idSchema("inv") });
const own = { accessToken: z.string().min(1).max(200).optional() };

/** Invoices and credit notes: for edge those of the shopper who asks, for the dashboard all of them. Files travel as base64. */
export function createInvoicingRouter(deps: InvoicingDeps) {
  const { db } = deps;
  return router({
    invoice: shopProcedure.input(z.strictObject({ orderId, ...own })).query(async ({ ctx, input }) => {
      await requireOwnOrder(db, ctx.actor, input);
      return asBase64(await invoiceFile(deps, input.orderId));
    }),
    documents: shopProcedure.input(z.strictObject({ orderId, ...own })).query(async ({ ctx, input }) => {
      await requireOwnOrder(db, ctx.actor, input);
      return papersOfOrder(db, input.orderId);
    }),
    document: shopProcedure.input(z.strictObject({ ...paper.shape, ...own })).query(async ({ ctx, input }) => {
      await requireOwnOrder(db, ctx.actor, input);
      return asBase64(await paperFile(db, input));
    }),
    staff: staffRouter(deps),
  });
}

function staffRouter(deps: InvoicingDeps) {
  const { db } = deps;
  return router({
    list: staffProcedure("orders:read")
      .input(z.strictObject({ orderId }))
      .query(async ({ input }) => ({ items: await papersOfOrder(db, input.orderId) })),
    download: staffProcedure("orders:read")
      .input(paper)
      .query(async ({ input }) => asBase64(await paperFile(db, input))),
    /** Issues the invoice of an order, or answers the one it has. */
    issue: staffProcedure("orders:write")
      .input(z.strictObject({ orderId }))
      .mutation(async ({ ctx: { actor, clock, requestId }, input }) => {
        const entry = { action: "invoice.issued", entity: "order", entityId: input.orderId, requestId };
        const issued = await issueInvoice(deps, input.orderId, (tx, { number }) =>
          recordAudit(tx, { at: clock.now(), actor, ...entry, after: { number } }),
        );
        return paperView(issued);
      }),
    settings: settingRouter(db, invoicingSetting),
  });
}

function asBase64({ filename, contentType, content }: PaperFile) {
  return { filename, contentType, base64: Buffer.from(content).toString("base64") };
}
