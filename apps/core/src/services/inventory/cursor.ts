import { cursorKeys } from "@stoa/kernel";
import { z } from "zod";

/** The key that a list of texts goes on behind. @throws problem `validation_failed`. */
export function textKey(cursor: string): string {
  return cursorKeys(cursor, z.tuple([z.string()]))[0];
}

/** The same for a list by number. @throws problem `validation_failed`. */
export function numberKey(cursor: string): number {
  return cursorKeys(cursor, z.tuple([z.int()]))[0];
}
