/**
 * The columns that a header names, for csv-parse. Of two columns of one name the parser would take the last, whatever the first one says.
 * @throws RangeError for a column that stands twice.
 */
export function columnsOnce(header: readonly string[]): string[] {
  const columns = header.map((name) => name.trim());
  const twice = columns.find((name, index) => name !== "" && columns.indexOf(name) < index);
  if (twice !== undefined) throw new RangeError(`the column ${twice.slice(0, 60)} stands twice`);
  return columns;
}
