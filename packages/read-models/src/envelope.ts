import { DEFAULT_CHANNEL } from "@stoa/kernel";

/**
 * How a read model lies in Redis: one header line, then the very bytes that edge sends.
 * Header: `<major>.<minor> <etag> <written at, ms>`, and for what other channels than the default one show as well, or instead of
 * it, `@` with the codes of all that show it; (major, minor) grows with every change of what the body was made of,
 * so an older fact never overwrites a newer one. A `+` behind it says that the body ends with its line and that what it becomes at
 * times to come follows: for each, a line `<from, ms> <etag>` and a line with the body.
 */
export interface Envelope {
  readonly version: Version;
  /** A strong ETag, quotes included. */
  readonly etag: string;
  /** Milliseconds since the epoch; lets edge say how old an answer is. */
  readonly writtenAt: number;
  readonly body: string;
  /** Codes of the channels that show it; absent: the default one alone. */
  readonly channels?: readonly string[];
  /** What is known to change by itself, such as a price whose sale begins; the next first. */
  readonly later?: readonly Later[];
}

export interface Later {
  /** From this moment on, milliseconds since the epoch. */
  readonly from: number;
  readonly etag: string;
  readonly body: string;
}

/** Compared first by major (revision of the document), then by minor (e.g. the sum of its stock versions). */
export interface Version {
  readonly major: number;
  readonly minor: number;
}

/** @throws RangeError for a body of several lines that others are to follow. */
export function packEnvelope(envelope: Envelope): string {
  const { version, etag, writtenAt, body, channels, later = [] } = envelope;
  const shownIn = channels ? ` @${channels.join(",")}` : "";
  const header = `${version.major}.${version.minor} ${etag} ${writtenAt}${shownIn}`;
  if (later.length === 0) return `${header}\n${body}`;
  if ([body, ...later.map((one) => one.body)].some((text) => text.includes("\n"))) {
    throw new RangeError("a body that others follow is one line");
  }
  return [`${header} +`, body, ...later.flatMap((one) => [`${one.from} ${one.etag}`, one.body])].join("\n");
}

/** Reads an envelope back without touching the body. Null when the text is none, e.g. after a change of format. */
export function unpackEnvelope(text: string): Envelope | null {
  const end = text.indexOf("\n");
  if (end < 0) return null;
  const match = /^(\d+)\.(\d+) ("[^"]*") (\d+)(?: @([a-z0-9,]+))?( \+)?$/.exec(text.slice(0, end));
  if (!match) return null;
  const header = {
    version: { major: Number(match[1]), minor: Number(match[2]) },
    etag: match[3] ?? "",
    writtenAt: Number(match[4]),
    ...(match[5] !== undefined && { channels: match[5].split(",") }),
  };
  if (match[6] === undefined) return { ...header, body: text.slice(end + 1) };
  const [body = "", ...rest] = text.slice(end + 1).split("\n");
  const later = laterIn(rest);
  return later && { ...header, body, later };
}

function laterIn(lines: readonly string[]): Later[] | null {
  const later: Later[] = [];
  for (let at = 0; at < lines.length; at += 2) {
    const match = /^(\d+) ("[^"]*")$/.exec(lines[at] ?? "");
    const body = lines[at + 1];
    if (!match || body === undefined) return null;
    later.push({ from: Number(match[1]), etag: match[2] ?? "", body });
  }
  return later;
}

/** Whether a channel shows it. */
export function isShownIn({ channels }: Envelope, channel: string): boolean {
  return channels === undefined ? channel === DEFAULT_CHANNEL : channels.includes(channel);
}

/** A read model as it is at one moment. */
export interface Present {
  readonly body: string;
  readonly etag: string;
  readonly writtenAt: number;
  /** Until when it says this, unless it is written anew; absent while nothing is known to change. */
  readonly until?: number;
}

/** What an envelope says at a moment. A change that comes true at that very moment is part of it. */
export function presentOf(envelope: Envelope, now: number): Present {
  const { later } = envelope;
  if (!later) return envelope;
  const past = later.findLastIndex((one) => one.from <= now);
  const { body, etag } = later[past] ?? envelope;
  const until = later[past + 1]?.from;
  return { body, etag, writtenAt: envelope.writtenAt, ...(until !== undefined && { until }) };
}

/** Lua that sets an envelope unless a newer version is there, or one of the same version of which `isLeft`, in Lua, holds. */
function setUnless(isLeft: string): string {
  return `
local function said(text) return string.match(text, '^%S+ "[^"]*" %d+(.*)$') end
local old = redis.call('GET', KEYS[1])
if old then
  local major, minor = string.match(old, '^(%d+)%.(%d+) ')
  if major then
    major, minor = tonumber(major), tonumber(minor)
    local newMajor, newMinor = tonumber(ARGV[1]), tonumber(ARGV[2])
    if major > newMajor or (major == newMajor and minor > newMinor) then return 0 end
    if major == newMajor and minor == newMinor and ${isLeft} then return 0 end
  end
end
if ARGV[4] == '0' then redis.call('SET', KEYS[1], ARGV[3]) else redis.call('SET', KEYS[1], ARGV[3], 'EX', ARGV[4]) end
if old and said(old) == said(ARGV[3]) then return 2 end
return 1
`;
}

/**
 * Lua: KEYS[1] = key, ARGV[1..2] = major, minor, ARGV[3] = envelope, ARGV[4] = time to live in seconds or "0".
 * Sets the key unless a version at least as new is there. Answers 0 when it did not, 1 when it did, and 2 when it did and what is told is
 * the same as before.
 */
export const SET_IF_NEWER_LUA = setUnless("true");

/**
 * The same, but a body of the same version is replaced when it is another one: for a rebuild, which also has to mend what a former release
 * has written otherwise.
 */
export const REPAIR_LUA = setUnless("said(old) == said(ARGV[3])");
