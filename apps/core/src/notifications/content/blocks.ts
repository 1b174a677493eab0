/** What a mail says, before it is HTML or text: plain words alone, so that escaping has one place. */
export interface MailContent {
  readonly subject: string;
  /** The line that mail programs show beside the subject. */
  readonly preview: string;
  readonly heading: string;
  readonly blocks: readonly Block[];
  readonly footer: string;
  /** Language of the texts, as HTML's `lang` wants it. */
  readonly language: string;
}

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "items"; readonly rows: readonly ItemRow[] }
  | { readonly kind: "amounts"; readonly rows: readonly AmountRow[] }
  | { readonly kind: "lines"; readonly label: string; readonly lines: readonly string[] }
  | { readonly kind: "button"; readonly label: string; readonly url: string };

export interface ItemRow {
  readonly title: string;
  /** Options, such as "Blue, L". */
  readonly detail: string;
  readonly quantity: string;
  readonly amount?: string;
}

export interface AmountRow {
  readonly label: string;
  readonly amount: string;
  readonly strong?: boolean;
}

/** Whether a link may stand in a mail: a page on the web, nothing that runs. */
export function isWebLink(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
