import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Guards,
  type Logger,
  type MediaSource,
  type Metrics,
  mediaOrigin,
  openMediaStore,
  patience,
  Turns,
} from "@stoa/runtime";
import type { EdgeConfig } from "../config.ts";
import type { EdgeMedia } from "../deps.ts";
import { ImageCache } from "./image-cache.ts";
import { ImageMaker } from "./image-maker.ts";

/** A page of pictures that nobody has asked for yet waits; a crowd of such pages does not. */
const WAITING_MAX = 64;

interface MediaParts {
  readonly config: EdgeConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly guards: Guards;
}

/** The shop's files as the configuration says, with pictures made to size here. Null when it names no place for them. */
export async function openEdgeMedia({ config, logger, metrics, guards }: MediaParts): Promise<EdgeMedia | null> {
  const stored = sourceOf(config);
  if (!stored) return null;
  const source = config.MEDIA_URL === undefined ? stored : guarded(stored, guards);
  const folder = config.IMAGE_CACHE_DIR ?? join(tmpdir(), `stoa-images-${config.EDGE_PORT}`);
  const cache = await ImageCache.open(folder, config.IMAGE_CACHE_BYTES);
  // The other processors are for everything else that edge does.
  const atOnceMax = Math.max(1, Math.floor(availableParallelism() / 2));
  const turns = new Turns({ name: "images", atOnceMax, waitingMax: WAITING_MAX });
  const maker = new ImageMaker({ source, cache, logger, metrics, turns });
  return { source, image: (path, wanted) => maker.image(path, wanted) };
}

/**
 * Pictures that lie elsewhere: while that place does not answer, only a few callers wait for it, and soon nobody. Without that its
 * pictures would take the places of all other reads.
 */
function guarded(source: MediaSource, guards: Guards): MediaSource {
  const guard = guards.guard({
    name: "media",
    timeoutMs: patience.media.answerMs,
    retries: 0,
    breaker: { failures: 5, halfOpenAfterMs: 2_000 },
    bulkhead: { concurrent: 64, queued: 64, waitMs: 1_000 },
  });
  return { read: (path) => guard.run(() => source.read(path), { safe: true }) };
}

function sourceOf(config: EdgeConfig): MediaSource | null {
  const { MEDIA_URL: url, MEDIA_DIR: folder } = config;
  if (url?.startsWith("http")) return mediaOrigin(url);
  if (url === undefined && folder === undefined) return null;
  const { MEDIA_ACCESS_KEY_ID: accessKeyId, MEDIA_SECRET_ACCESS_KEY: secretAccessKey } = config;
  return openMediaStore({ url, accessKeyId, secretAccessKey, folder: folder ?? "" });
}
