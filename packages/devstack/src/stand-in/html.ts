import { escapeMarkup } from "@stoa/kernel";

export interface HtmlDocument {
  readonly title: string;
  /** The whole style sheet, inline, so that a policy can allow exactly this text by its hash. */
  readonly style: string;
  /** HTML above the main part: that nothing here leaves the machine. */
  readonly banner: string;
  /** HTML of the main part. */
  readonly main: string;
}

/** A whole page of a stand-in. It works without script and follows the light and dark of the browser. */
export function htmlDocument({ title, style, banner, main }: HtmlDocument): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(title)}</title>
<style>${style}</style>
</head>
<body>
${banner}
<main>${main}
</main>
</body>
</html>
`;
}
