/**
 * How a read model lies in Redis: one header line, then the very bytes that edge sends.
 * Header: `<major>.<minor> <etag> <written at, ms>`; (major, minor) grows with every change of what the body was made of,
 * so an older fact never overwrites a newer one.
 */
export interface Envelope {
  readonly version: Version;
  /** A strong ETag, quotes included. */
  readonly etag: string;
  /** Milliseconds since the epoch; lets edge say how old an answer is. */
  readonly writtenAt: number;
  readonly body: string;
}

/** Compared first by major (revision of the document), then by minor (e.g. the sum of its stock versions). */
export interface Version {
  readonly major: number;
  readonly minor: number;
}

export function packEnvelope(envelope: Envelope): string {
  const { version, etag, writtenAt, body } = envelope;
  return `${version.major}.${version.minor} ${etag} ${writtenAt}\n${body}`;
}

/** Reads an envelope back without touching the body. Null when the text is none, e.g. after a change of format. */
export function unpackEnvelope(text: string): Envelope | null {
  const end = text.indexOf("\n");
  if (end < 0) return null;
  const match = /^(\d+)\.(\d+) ("[^"]*") (\d+)$/.exec(text.slice(0, end));
  if (!match) return null;
  return {
    version: { major: Number(match[1]), minor: Number(match[2]) },
    etag: match[3] ?? "",
    writtenAt: Number(match[4]),
    body: text.slice(end + 1),
  };
}

/**
 * Lua: KEYS[1] = key, ARGV[1..2] = major, minor, ARGV[3] = envelope, ARGV[4] = time to live in seconds or "0".
 * Sets the key unless a version at least as new is there. Answers 1 when it wrote, 0 when not.
 */
export const SET_IF_NEWER_LUA = `
local old = redis.call('GET', KEYS[1])
if old then
  local major, minor = string.match(old, '^(%d+)%.(%d+) ')
  if major then
    major, minor = tonumber(major), tonumber(minor)
    local newMajor, newMinor = tonumber(ARGV[1]), tonumber(ARGV[2])
    if major > newMajor or (major == newMajor and minor >= newMinor) then return 0 end
  end
end
if ARGV[4] == '0' then redis.call('SET', KEYS[1], ARGV[3]) else redis.call('SET', KEYS[1], ARGV[3], 'EX', ARGV[4]) end
return 1
`;
