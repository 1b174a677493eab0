/**
 * The address of the client: what the socket says, or as many steps back along `X-Forwarded-For` as there are proxies of ours
 * in front. What stands further left was written by the client and is never believed.
 */
export function clientAddress(socketAddress: string, forwardedFor: string | null, trustedProxies: number): string {
  if (trustedProxies === 0 || forwardedFor === null) return normalized(socketAddress);
  const chain = [...forwardedFor.split(",").map((part) => part.trim()), socketAddress].filter((part) => part !== "");
  return normalized(chain[Math.max(0, chain.length - 1 - trustedProxies)] ?? socketAddress);
}

/** Without the port that some proxies note beside it: each connection has another, and would count as another client. */
function normalized(address: string): string {
  const host = address.replace(/^(\d{1,3}(?:\.\d{1,3}){3}):\d+$/, "$1").replace(/^\[|\](:\d+)?$/g, "");
  const bare = host.replace(/%.*$/, "");
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(bare)?.[1];
  if (mapped) return mapped;
  return /^[0-9a-f:.]{2,45}$/i.test(bare) ? bare.toLowerCase() : "unknown";
}

/** What a limit counts by: an IPv4 address, or the /64 of an IPv6 one, since a household holds all of a /64. */
export function rateLimitSubject(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill("0"), ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}
