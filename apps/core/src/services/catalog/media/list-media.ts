import { decodeCursor, encodeCursor, type Instant, type Page, problem } from "@stoa/kernel";
import type { Filter } from "mongodb";
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
  const page = found.slice(0, input.limit);
  const last = found.length > input.limit ? page.at(-1) : undefined;
  return {
    items: page.map(({ _id: name, size, bytes, uploadedAt }) => {
      return { name, url: MEDIA_URL_PREFIX + name, size, bytes, uploadedAt };
    }),
    nextCursor: last ? encodeCursor([last.uploadedAt, last._id]) : null,
    total,
  };
}

function afterCursor(cursor: string): Filter<MediaDocument> {
  const [uploadedAt, _id] = decodeCursor(cursor) ?? [];
  if (typeof uploadedAt !== "number" || typeof _id !== "string") {
    throw problem("validation_failed", { errors: [{ path: "cursor", message: "is none of ours" }] });
  }
  const at = uploadedAt as Instant;
  return { $or: [{ uploadedAt: { $lt: at } }, { uploadedAt: at, _id: { $lt: _id } }] };
}
