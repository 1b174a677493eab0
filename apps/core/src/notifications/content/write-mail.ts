import { formatOf } from "../../platform/format/index.ts";
import type { MailFacts } from "../facts.ts";
import type { MailKind } from "../kinds.ts";
import type { MailData } from "../tables.ts";
import { textsOf } from "../texts/index.ts";
import type { MailContent } from "./blocks.ts";
import { writeAccountMail } from "./write-account-mail.ts";
import { requestBlocks, writeOrderMail } from "./write-order-mail.ts";

export interface WriteMail {
  readonly kind: MailKind;
  readonly data: MailData;
  readonly facts: MailFacts;
  readonly shopName: string;
  readonly locale: string;
  readonly timeZone: string;
}

/** The mail in words. Pure: the same facts give the same mail. @throws Error when kind and facts do not belong together. */
export function writeMail({ kind, data, facts, shopName, locale, timeZone }: WriteMail): MailContent {
  const { language, texts } = textsOf(locale);
  const frame = { language, footer: texts.footer(shopName) };
  if (kind === "verify_email" || kind === "reset_password") {
    if (facts.about !== "account") throw new Error(`a mail ${kind} is about an account`);
    return { ...frame, ...writeAccountMail({ kind, facts, texts, shopName }) };
  }
  if (kind === "second_factor_reset") {
    if (facts.about !== "notice") throw new Error(`a mail ${kind} is about an account`);
    const { subject, heading, intro, next, ignore } = texts.secondFactorReset;
    const words = [texts.greeting(facts.name), intro(shopName), next, ignore];
    const blocks = words.map((text) => ({ kind: "text", text }) as const);
    return { language, footer: shopName, subject: subject(shopName), preview: intro(shopName), heading, blocks };
  }
  if (kind === "low_stock") {
    if (facts.about !== "stock") throw new Error(`a mail ${kind} is about stock`);
    const { subject, heading, intro } = texts.lowStock;
    const words = intro(facts.sku, facts.available, facts.threshold);
    const blocks = [{ kind: "text", text: words }] as const;
    return { language, footer: shopName, subject: subject(facts.sku), preview: words, heading, blocks };
  }
  if (facts.about === "request") {
    const { subject, heading, intro } = texts.offerMade;
    const words = intro(shopName);
    const { name, request } = facts;
    const asking = requestBlocks(request, { texts, format: formatOf(locale, timeZone) });
    const blocks = [{ kind: "text", text: texts.greeting(name) }, { kind: "text", text: words }, ...asking] as const;
    return { language, footer: shopName, subject: subject(shopName), preview: words, heading, blocks };
  }
  if (facts.about !== "order") throw new Error(`a mail ${kind} is about an order`);
  return { ...frame, ...writeOrderMail({ kind, data, facts, texts, format: formatOf(locale, timeZone) }) };
}
