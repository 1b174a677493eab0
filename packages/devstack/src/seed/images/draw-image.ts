import { backdropOf, type ColourName, paintOf } from "./colours.ts";
import { type MotifName, motifs } from "./motifs.ts";
import { disc, oval, rect } from "./shapes.ts";

export interface ImageSeed {
  readonly motif: MotifName;
  readonly colour: ColourName;
  /** Read out by screen readers and shown when the file is opened by itself. */
  readonly title: string;
}

/** A product picture as a whole SVG document, 800 × 800, without fonts, links or scripts. */
export function drawImage({ motif, colour, title }: ImageSeed): string {
  const { wall, disc: round, floor } = backdropOf(colour);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800" width="800" height="800" role="img" aria-labelledby="title">`,
    `<title id="title">${escapeXml(title)}</title>`,
    rect(0, 0, [800, 800], wall),
    disc(400, 390, 310, round),
    `<g opacity=".22">${oval(400, 668, [250, 26], floor)}</g>`,
    ...motifs[motif](paintOf(colour)),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
