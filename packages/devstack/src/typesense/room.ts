const ROWS_MIN = 64;

/** The array itself while it has room for the row, else a longer one that begins with it. */
export function withRoom<T extends Uint8Array | Uint16Array | Int32Array | Float64Array>(
  array: T,
  row: number,
  fill = 0,
): T {
  if (row < array.length) return array;
  const longer = new (array.constructor as new (length: number) => T)(Math.max(ROWS_MIN, (row + 1) * 2));
  longer.set(array);
  if (fill !== 0) longer.fill(fill, array.length);
  return longer;
}
