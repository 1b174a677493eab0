import type { Clock } from "@stoa/kernel";
import type {
  Departure,
  DependencyState,
  Health,
  Logger,
  MediaSource,
  Metrics,
  StoredFile,
} from "@stoa/runtime/portable";
import type { ElysiaAdapter } from "elysia";
import type { JWTVerifyGetKey } from "jose";
import type { ProductSearch } from "./catalog/search-index.ts";
import type { SearchOutcome } from "./catalog/search-metrics.ts";
import type { CorePort } from "./core-port.ts";
import type { Gzip } from "./http/compression.ts";
import type { Forwarded } from "./http/forward.ts";
import type { HeldAnswers } from "./http/held-answers.ts";
import type { KeyRing } from "./http/key-ring.ts";
import type { LoadShedder } from "./http/load-shedding.ts";
import type { Limit, RateLimiter } from "./http/rate-limit.ts";
import type { WantedImage } from "./media/wanted-image.ts";
import type { StreamPlaces } from "./orders/stream-places.ts";
import type { Store } from "./redis/store.ts";
import type { Subscriptions } from "./redis/subscriptions.ts";

export interface EdgeSettings {
  /** The shop's own origin. */
  readonly publicUrl: string;
  /** Other origins whose pages may call with cookies. */
  readonly storefrontOrigins: readonly string[];
  /** Proxies of ours in front; that many steps of X-Forwarded-For are believed. */
  readonly trustedProxies: number;
  readonly limits: { readonly [Name in "read" | "write" | "checkout" | "lookup" | "auth"]: Limit };
  /** Whether /metrics may be asked on the public listener, from the loopback address alone. */
  readonly metricsOnPublicListener: boolean;
  /** How long a shopper's request waits for the order to settle before it answers 202, in milliseconds. */
  readonly settleWaitMs: number;
}

/** A file of the shop's as it is sent. */
export interface MediaFile extends StoredFile {
  readonly contentType: string;
}

/** The files that were uploaded to the shop. */
export interface EdgeMedia {
  readonly source: MediaSource;
  /** A picture in another size or format; null when it cannot be made, and what was uploaded has to do. */
  readonly image: (path: string, wanted: WantedImage) => Promise<MediaFile | null>;
}

/** Sends a request to core's HTTP doors and answers what core answers. @throws Unavailable. */
export type CoreForward = (forwarded: Forwarded) => Promise<Response>;

/** Everything edge is made of; main.ts, worker.ts and tests each put it together in their own way. */
export interface EdgeDeps {
  readonly settings: EdgeSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  /** How each dependency stands with its callers here. */
  readonly dependencies: () => Readonly<Record<string, DependencyState>>;
  /** Turns work away when there is too much. */
  readonly load: LoadShedder;
  readonly store: Store;
  readonly subscriptions: Subscriptions;
  /** How many orders may be watched from here at once. */
  readonly streams: StreamPlaces;
  /** Answers of the catalog that are given again. */
  readonly answers: HeldAnswers;
  readonly search: ProductSearch;
  /** Told of each search that was made. */
  readonly searched: (outcome: SearchOutcome) => void;
  readonly limiter: RateLimiter;
  readonly keyRing: KeyRing;
  readonly core: CorePort;
  readonly forward: CoreForward;
  /** Packs long public answers; null where the platform does that. */
  readonly gzip: Gzip | null;
  /** The keys that check JWTs. */
  readonly jwks: JWTVerifyGetKey;
  /** Null where the shop's files are served by something else. */
  readonly media: EdgeMedia | null;
  /** The address at the other end of the socket. */
  readonly socketAddress: (request: Request, server: ServerLike | null) => string;
  /** How this process leaves. Null where processes end without a word. */
  readonly departure: Departure | null;
  readonly adapter?: ElysiaAdapter;
}

/** What Bun's server offers to a request. */
export interface ServerLike {
  requestIP(request: Request): { readonly address: string } | null;
  timeout(request: Request, seconds: number): void;
}
