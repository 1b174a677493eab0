import { pageQuerySchema } from "@stoa/kernel";
import { Turns } from "@stoa/runtime";
import { z } from "zod";
import { router, staffProcedure } from "../../../platform/rpc/index.ts";
import { audited } from "../audited.ts";
import type { CatalogRouterDeps } from "../router.ts";
import { listMedia } from "./list-media.ts";
import { removeMedia } from "./remove-media.ts";
import { cleanInTurn, uploadImage } from "./upload-image.ts";

const byName = z.strictObject({ name: z.string().regex(/^[0-9a-f]{32}\.(?:avif|gif|jpg|png|webp)$/) });

/** Pictures of the shop's own. */
export function createMediaRouter(deps: CatalogRouterDeps) {
  const read = staffProcedure("catalog:read");
  const write = staffProcedure("catalog:write");
  const { files } = deps;
  // One at a time: to unpack a picture takes a processor and as much memory as it has pixels.
  const turns = new Turns({ name: "image uploads", atOnceMax: 1, waitingMax: 20 });
  return router({
    list: read.input(pageQuerySchema).query(({ input }) => listMedia(deps.catalog, input)),
    /** By the door for uploads alone: bytes do not come as JSON. */
    upload: write.input(z.instanceof(Uint8Array)).mutation(async ({ ctx, input }) => {
      const image = await cleanInTurn(turns, input);
      return audited(deps, ctx, "media.uploaded", async (context) => {
        const after = await uploadImage({ ...context, files }, image);
        return { id: after.name, before: null, after };
      });
    }),
    /** Only what no product shows. */
    delete: write.input(byName).mutation(async ({ ctx, input }) => {
      await audited(deps, ctx, "media.deleted", async (context) => {
        const before = await removeMedia({ ...context, files }, input.name);
        return { id: input.name, before, after: { ...before, isDeleted: true } };
      });
    }),
  });
}
