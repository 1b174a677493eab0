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
const listed = z.strictObject({
  ...pageQuerySchema.shape,
  states: z.array(z.enum(draftStates)).max(draftStates.length).optional(),
});
const created = z.strictObject({
  currency: currencySchema,
  channel: channelCodeSchema.optional(),
  content: draftContentSchema,
});
const seconds = (least: number, days: number) =>
  z
    .int()
    .min(least)
    .max(days * DAY_SECONDS);
const sent = atVersion.extend({ expiresInSeconds: seconds(60, LINK_DAYS_MAX).default(LINK_DAYS * DAY_SECONDS) });

/** For the dashboard: orders that staff put together, to be paid for by a link. Each change answers the draft as it is afterwards. */
export function createDraftsRouter(deps: OrdersDeps) {
  const canRead = staffProcedure("orders:read");
  const canWrite = staffProcedure("orders:write");
  return router({
    list: canRead.input(listed).query(({ input }) => listDrafts(deps.db, input)),
    get: canRead.input(one).query(({ input }) => readDraft(deps, input.id)),
    create: canWrite
      .input(created)
      .mutation(async ({ ctx, input }) => readDraft(deps, await createDraft(deps, ctx, input))),
    change: canWrite.input(atVersion.extend({ content: draftContentSchema })).mutation(async ({ ctx, input }) => {
      await changeDraft(deps, ctx, ofDraft(input));
      return readDraft(deps, input.id);
    }),
    hold: canWrite.input(atVersion.extend({ seconds: seconds(0, HOLD_DAYS_MAX) })).mutation(async ({ ctx, input }) => {
      await holdDraft(deps, ctx, ofDraft(input));
      return readDraft(deps, input.id);
    }),
    /** The one answer that holds the link's token. */
    send: canWrite.input(sent).mutation(async ({ ctx, input }) => {
      const { expiresAt, ...link } = await sendDraft(deps, ctx, ofDraft(input));
      return { ...link, expiresAt: toTimestamp(expiresAt) };
    }),
    revokeLink: canWrite.input(one).mutation(async ({ ctx, input }) => {
      await revokeLink(deps, ctx, ofDraft(input));
      return readDraft(deps, input.id);
    }),
    markPaid: canWrite
      .input(atVersion)
      .mutation(async ({ ctx, input }) => ({ orderId: await markDraftPaid(deps, ctx, ofDraft(input)) })),
    cancel: canWrite.input(atVersion).mutation(async ({ ctx, input }) => {
      await cancelDraft(deps, ctx, ofDraft(input));
      return readDraft(deps, input.id);
    }),
  });
}

/** The same of a draft as its verbs name it. */
function ofDraft<I extends { readonly id: DraftId }>({ id, ...input }: I) {
  return { ...input, draftId: id };
}
