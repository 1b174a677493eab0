/** Whether a type of event is meant: by its name, by its beginning (`charge.*`), or by `*`, which means all. */
export function eventMatches(pattern: string, type: string): boolean {
  return pattern === type || (pattern.endsWith("*") && type.startsWith(pattern.slice(0, -1)));
}
