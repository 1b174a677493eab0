import { cursorKeys, cutPage, instantSchema, type Page } from "@stoa/kernel";
import type { Filter } from "mongodb";
import { z } from "zod";
import type { CatalogDatabase } from "../database.ts";
import { mediaView } from "../views.ts";
import type { MediaDocument } from "./media-document.ts";

export interface ListMedia {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The shop's own pictures, the newest first. @throws problem `validation_failed` for a cursor that is none of ours. */
export async function listMedia(
  { media }: CatalogDatabase,
  input: ListMedia,
): Promise<Page<ReturnType<typeof mediaView>>> {
  const filter = input.cursor === undefined ? {} : afterCursor(input.cursor);
  const [found, total] = await Promise.all([
    media
      .find(filter)
      .sort({ uploadedAt: -1, _id: -1 })
      .limit(input.limit + 1)
      .toArray(),
    media.countDocuments({}),
  ]);
  const { shown, nextCursor } = cutPage(found, input.limit, ({ uploadedAt, _id }) => [uploadedAt, _id]);
  return {
    items: shown.map(mediaView),
    nextCursor,
    total,
  };
}

function afterCursor(cursor: string): Filter<MediaDocument> {
  const [at, _id] = cursorKeys(cursor, z.tuple([instantSchema, z.string()]));
  return { $or: [{ uploadedAt: { $lt: at } }, { uploadedAt: at, _id: { $lt: _id } }] };
}
