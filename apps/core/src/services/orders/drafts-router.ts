import { channelCodeSchema, currencySchema, type DraftId, idSchema, pageQuerySchema, toTimestamp } from "@stoa/kernel";
import { z } from "zod";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { cancelDraft, holdDraft } from "./cancel-draft.ts";
import { changeDraft, createDraft } from "./compose-draft.ts";
import type { OrdersDeps } from "./deps.ts";
import { draftContentSchema, draftStates } from "./draft.ts";
import { listDrafts, readDraft } from "./draft-queries.ts";
import { markDraftPaid } from "./pay-draft.ts";
import { revokeLink, sendDraft } from "./send-draft.ts";

const DAY_SECONDS = 86_400;
const LINK_DAYS = 7;
const LINK_DAYS_MAX = 90;
const HOLD_DAYS_MAX = 30;

const one = z.strictObject({ id: idSchema("drf") });
const atVersion = one.extend({ version: z.int().min(1) });

/** For the dashboard: orders that staff put together, to be paid for by a link. Each change answers the draft as it is afterwards. */
export function createDraftsRouter(deps: OrdersDeps) {
  return router({
    list: staffProcedure("orders:read")
      .input(z.strictObject({ ...pageQuerySchema.shape, states: z.array(z.enum(draftStates)).max(4).optional() }))
      .query(({ input }) => listDrafts(deps.db, input)),
    get: staffProcedure("orders:read")
      .input(one)
      .query(({ input }) => readDraft(deps, input.id)),
    create: staffProcedure("orders:write")
      .input(
        z.strictObject({
          currency: currencySchema,
          channel: channelCodeSchema.optional(),
          content: draftContentSchema,
        }),
      )
      .mutation(async ({ ctx, input }) => readDraft(deps, await createDraft(deps, ctx, input))),
    change: staffProcedure("orders:write")
      .input(z.strictObject({ ...atVersion.shape, content: draftContentSchema }))
      .mutation(async ({ ctx, input }) => {
        await changeDraft(deps, ctx, ofDraft(input));
        return readDraft(deps, input.id);
      }),
    hold: staffProcedure("orders:write")
      .input(
        z.strictObject({
          ...atVersion.shape,
          seconds: z
            .int()
            .min(0)
            .max(HOLD_DAYS_MAX * DAY_SECONDS),
        }),
      )
      .mutation(async ({ ctx, input }) => {
        await holdDraft(deps, ctx, ofDraft(input));
        return readDraft(deps, input.id);
      }),
    /** The one answer that holds the link's token. */
    send: staffProcedure("orders:write")
      .input(
        z.strictObject({
          ...atVersion.shape,
          expiresInSeconds: z
            .int()
            .min(60)
            .max(LINK_DAYS_MAX * DAY_SECONDS)
            .default(LINK_DAYS * DAY_SECONDS),
        }),
      )
      .mutation(async ({ ctx, input }) => {
        const { expiresAt, ...link } = await sendDraft(deps, ctx, ofDraft(input));
        return { ...link, expiresAt: toTimestamp(expiresAt) };
      }),
    revokeLink: staffProcedure("orders:write")
      .input(one)
      .mutation(async ({ ctx, input }) => {
        await revokeLink(deps, ctx, ofDraft(input));
        return readDraft(deps, input.id);
      }),
    markPaid: staffProcedure("orders:write")
      .input(atVersion)
      .mutation(async ({ ctx, input }) => ({ orderId: await markDraftPaid(deps, ctx, ofDraft(input)) })),
    cancel: staffProcedure("orders:write")
      .input(atVersion)
      .mutation(async ({ ctx, input }) => {
        await cancelDraft(deps, ctx, ofDraft(input));
        return readDraft(deps, input.id);
      }),
  });
}

/** The same of a draft as its verbs name it. */
function ofDraft<I extends { readonly id: DraftId }>({ id, ...input }: I) {
  return { ...input, draftId: id };
}
