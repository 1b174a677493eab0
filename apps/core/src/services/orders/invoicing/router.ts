import { idSchema } from "@stoa/kernel";
import { z } from "zod";
import { recordAudit } from "../../../platform/audit/index.ts";
import { transact } from "../../../platform/db/index.ts";
import { router, shopProcedure, staffProcedure } from "../../../platform/rpc/index.ts";
import { readSetting, writeSetting } from "../../../platform/settings/index.ts";
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
      .query(({ input }) => papersOfOrder(db, input.orderId)),
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
    settings: staffProcedure("settings:read").query(() => readSetting(db, invoicingSetting)),
    saveSettings: staffProcedure("settings:write")
      .input(invoicingSetting.schema)
      .mutation(({ ctx: { actor, requestId, clock }, input }) =>
        transact(db, async (tx) => {
          const [at, before] = [clock.now(), await readSetting(tx, invoicingSetting)];
          await writeSetting(tx, at, invoicingSetting, input);
          const entry = { action: "settings.saved", entity: "setting", entityId: invoicingSetting.name };
          await recordAudit(tx, { at, actor, ...entry, before, after: input, requestId });
        }),
      ),
  });
}

function asBase64({ filename, contentType, content }: PaperFile) {
  return { filename, contentType, base64: Buffer.from(content).toString("base64") };
}
