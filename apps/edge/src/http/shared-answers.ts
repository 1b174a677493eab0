import { DEFAULT_CHANNEL } from "@stoa/kernel";
import type { ShopView } from "@stoa/read-models";
import { channelOf } from "../catalog/channel.ts";
import { freshShop, knownShop, readShop } from "../catalog/shop.ts";
import type { EdgeDeps } from "../deps.ts";
import { freshUntil, type PublicBody } from "./answers.ts";
import { type Arrival, assertSize, type PublicMade } from "./arrival.ts";
import type { PublicCall, PublicRoute } from "./call.ts";
import { packOf } from "./compression.ts";
import type { Given } from "./held-answers.ts";
import { parseInputs } from "./inputs.ts";
import { languageFor, type ShopLanguages } from "./language.ts";
import type { PublicContent, PublicPolicy } from "./public-read.ts";
import { pathAndQuery } from "./url.ts";

/** A request that has been counted, with its path parameters, decoded. */
interface Asked {
  readonly arrival: Arrival;
  readonly incoming: { readonly params: () => Readonly<Record<string, string>> };
}

/** What is the same for everybody is looked for among the answers that are held, before anything of the request is parsed. */
export function answerAll(
  deps: EdgeDeps,
  route: PublicRoute,
  accepted: Asked,
): Promise<Response | PublicMade> | PublicMade {
  // A shop's channels are opened and closed; that there is a default one never changes.
  const shop = accepted.arrival.channel === DEFAULT_CHANNEL ? knownShop(deps) : freshShop(deps);
  if (shop) return answerIn(deps, route, accepted, shop);
  // The settings decide which languages there are; without them the shop is taken to have one, and says so itself if it cannot answer.
  const read = readShop(deps).catch(() => null);
  return read.then((found) => answerIn(deps, route, accepted, found));
}

function answerIn(
  deps: EdgeDeps,
  { endpoint, policy, make }: PublicRoute,
  accepted: Asked,
  shop: ShopView | null,
): Promise<Response | PublicMade> | PublicMade {
  const { arrival } = accepted;
  const { request, channel } = arrival;
  const where = pathAndQuery(request.url);
  const offered: ShopLanguages | null = shop && channel !== DEFAULT_CHANNEL ? channelOf(shop, channel) : shop;
  const isPlural = offered !== null && offered.locales.length > 0;
  const asked = isPlural ? askedLanguage(where) : null;
  const spoken = isPlural ? languageFor(offered, asked, request.headers.get("accept-language")) : offered?.locale;
  // A shop of one language has nothing to say of it, unless a channel's is another one.
  const language = spoken !== undefined && (isPlural || spoken !== shop?.locale) ? spoken : null;
  const variesByKey = shop !== null && shop.channels.length > 0;
  const madeOf = ({ content, ageMs }: Given): PublicMade => {
    const freshness = freshUntil(policy.freshness, content.until, deps.clock);
    const body = bodyOf(deps, content, { policy, variesByLanguage: isPlural && asked === null, variesByKey });
    return { content: body, ageMs, freshness };
  };
  const key = heldKey(channel, language, where);
  const held = deps.answers.held(key, policy.hold.freshMs);
  if (held) return madeOf(held);
  const reading = deps.answers.read({
    key,
    hold: policy.hold,
    make: () =>
      deps.load.admit("browse", () => {
        assertSize(arrival);
        return make(deps, {
          url: arrival.url,
          channel,
          language,
          ...parseInputs(endpoint, { arrival, params: accepted.incoming.params() }),
        } as PublicCall);
      }),
  });
  if (!(reading instanceof Promise)) return madeOf(reading);
  return reading.then((given) => (given instanceof Response ? given : madeOf(given)));
}

/** All that a public answer depends on. A path begins with a slash, so none of these is another. */
function heldKey(channel: string, language: string | null, where: string): string {
  const told = language === null ? where : `${language} ${where}`;
  return channel === DEFAULT_CHANNEL ? told : `@${channel} ${told}`;
}

/** What is held is made ready for its answers once. */
const bodies = new WeakMap<PublicContent, PublicBody>();

interface Readying {
  readonly policy: PublicPolicy;
  /** Whether the URL leaves the language to a header. */
  readonly variesByLanguage: boolean;
  /** Whether a key may lead to another channel. */
  readonly variesByKey: boolean;
}

function bodyOf({ gzip }: EdgeDeps, content: PublicContent, readying: Readying): PublicBody {
  const known = bodies.get(content);
  if (known) return known;
  const { body, etag, writtenAt, language } = content;
  const made = {
    body,
    etag,
    writtenAt,
    freshness: readying.policy.freshness,
    variesByKey: readying.variesByKey,
    ...(language !== undefined && { language, variesByLanguage: readying.variesByLanguage }),
    ...(gzip ? { pack: () => packOf(content, gzip) } : {}),
  };
  bodies.set(content, made);
  return made;
}

/** What a URL says of the language, found without parsing it. */
function askedLanguage(where: string): string | null {
  return /[?&]locale=([\w-]{1,35})/.exec(where)?.[1] ?? null;
}
