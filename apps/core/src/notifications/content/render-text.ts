import { type Block, isWebLink, type MailContent } from "./blocks.ts";

/** The mail for programs and people that want no HTML. */
export function renderText(content: MailContent): string {
  const parts = [oneLine(content.heading), ...content.blocks.map(textOf), `-- \n${oneLine(content.footer)}`];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function textOf(block: Block): string {
  switch (block.kind) {
    case "text":
      return oneLine(block.text);
    case "items":
      return block.rows
        .map(({ title, detail, quantity, amount }) => {
          const name = detail === "" ? title : `${title} (${detail})`;
          return oneLine(`${quantity} ${name}${amount === undefined ? "" : `: ${amount}`}`);
        })
        .join("\n");
    case "amounts":
      return block.rows.map(({ label, amount }) => oneLine(`${label}: ${amount}`)).join("\n");
    case "lines":
      return [`${block.label}:`, ...block.lines].map(oneLine).join("\n");
    case "button":
      return isWebLink(block.url) ? `${block.label}:\n${block.url}` : "";
  }
}

/** A name with a line break in it must not look like a line of ours. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
