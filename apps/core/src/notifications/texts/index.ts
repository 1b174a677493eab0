import { languageOf } from "../../platform/format/index.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import type { MailTexts } from "./texts.ts";

export type { MailTexts, OrderText, ReturnStateTold } from "./texts.ts";

/** The languages that mails are written in. */
export const catalogue: Readonly<Record<string, MailTexts>> = { en, de };

/** The texts of a locale such as "de-AT" by its language; English for a language that nobody has translated yet. */
export function textsOf(locale: string): { readonly language: string; readonly texts: MailTexts } {
  const language = languageOf(locale);
  const texts = Object.hasOwn(catalogue, language) ? catalogue[language] : undefined;
  return texts ? { language, texts } : { language: "en", texts: en };
}
