/** Path and query of a request's address, without parsing it. Where Host names no host, Bun leaves the origin out. */
export function pathAndQuery(url: string): string {
  return url.startsWith("/") ? url : url.slice(url.indexOf("/", url.indexOf("//") + 2));
}

/**
 * A request's address. What a client writes into Host decides nothing here, so it is not in it; and one that is no name of a host
 * cannot keep the address from being read.
 */
export function urlOf({ url }: Pick<Request, "url">): URL {
  return new URL(`http://edge${pathAndQuery(url)}`);
}
