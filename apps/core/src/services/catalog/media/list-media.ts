import { cursorKeys, cutPage, type Instant, instantSchema, type Page } from "@stoa/kernel";
import type { Filter } from "mongodb";
import { z } from "zod";
import type { CatalogDatabase } from "../database.ts";
import type { MediaDocument } from "./media-document.ts";
import { MEDIA_URL_PREFIX } from "./media-library.ts";

export interface ListMedia {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface MediaRow {
  readonly name: string;
  readonly url: string;
  readonly size: MediaDocument["size"];
  readonly bytes: number;
  readonly uploadedAt: Instant;
}

/** The shop's own pictures, the newest first. @throws problem `validation_failed` for a cursor that is none of ours. */
export async function listMedia({ media }: CatalogDatabase, input: ListMedia): Promise<Page<MediaRow>> {
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
    items: shown.map(({ _id: name, size, bytes, uploadedAt }) => {
      return { name, url: MEDIA_URL_PREFIX + name, size, bytes, uploadedAt };
    }),
    nextCursor,
    total,
  };
}

function afterCursor(cursor: string): Filter<MediaDocument> {
  const [at, _id] = cursorKeys(cursor, z.tuple([instantSchema, z.string()]));
  return { $or: [{ uploadedAt: { $lt: at } }, { uploadedAt: at, _id: { $lt: _id } }] };
}
