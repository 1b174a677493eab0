import { decodeCursor, problem } from "@stoa/kernel";

/** The key that a list of texts goes on behind. @throws problem `validation_failed`. */
export function textKey(cursor: string): string {
  const [key] = decodeCursor(cursor) ?? [];
  if (typeof key !== "string") throw badCursor();
  return key;
}

/** The same for a list by number. @throws problem `validation_failed`. */
export function numberKey(cursor: string): number {
  const [key] = decodeCursor(cursor) ?? [];
  if (typeof key !== "number" || !Number.isSafeInteger(key)) throw badCursor();
  return key;
}

function badCursor() {
  return problem("validation_failed", { errors: [{ path: "cursor", message: "not a cursor of this list" }] });
}
