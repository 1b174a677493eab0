/** Colours products come in: how a shopper reads them, how a SKU shortens them, how they are painted. */
export const colours = {
  black: { name: "Black", code: "BLK", hex: "#3a3f44" },
  brass: { name: "Brass", code: "BRS", hex: "#c8a04a" },
  clay: { name: "Clay", code: "CLY", hex: "#c98f78" },
  copper: { name: "Copper", code: "CPR", hex: "#bd7648" },
  cream: { name: "Cream", code: "CRM", hex: "#f0e5cf" },
  forest: { name: "Forest Green", code: "FOR", hex: "#3f6a4c" },
  linen: { name: "Natural Linen", code: "LIN", hex: "#d8cbb4" },
  mustard: { name: "Mustard", code: "MUS", hex: "#d8a02c" },
  navy: { name: "Navy", code: "NVY", hex: "#31507a" },
  oak: { name: "Oak", code: "OAK", hex: "#cda069" },
  olive: { name: "Olive", code: "OLV", hex: "#7c7f4b" },
  plum: { name: "Plum", code: "PLM", hex: "#77496b" },
  red: { name: "Signal Red", code: "RED", hex: "#c1432f" },
  rust: { name: "Rust", code: "RST", hex: "#b8562c" },
  sage: { name: "Sage", code: "SGE", hex: "#8fa88c" },
  sand: { name: "Sand", code: "SND", hex: "#d9c096" },
  sky: { name: "Sky Blue", code: "SKY", hex: "#86b0cf" },
  slate: { name: "Slate", code: "SLT", hex: "#66747f" },
  steel: { name: "Steel", code: "STL", hex: "#a9b4bb" },
  terracotta: { name: "Terracotta", code: "TER", hex: "#c86a4b" },
  walnut: { name: "Walnut", code: "WAL", hex: "#7d5436" },
  white: { name: "White", code: "WHT", hex: "#f7f5f0" },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly code: string; readonly hex: string }>>;

export type ColourName = keyof typeof colours;

/** One colour in the shades that a drawing needs. */
export interface Paint {
  readonly main: string;
  readonly light: string;
  readonly dark: string;
  readonly deep: string;
}

export function paintOf(colour: ColourName): Paint {
  const { hex } = colours[colour];
  return {
    main: hex,
    light: mix(hex, "#ffffff", 0.32),
    dark: mix(hex, "#2b2a33", 0.2),
    deep: mix(hex, "#2b2a33", 0.42),
  };
}

/** What stands behind a product: a pale tint of its colour, darker where the product itself is pale. */
export function backdropOf(colour: ColourName): {
  readonly wall: string;
  readonly disc: string;
  readonly floor: string;
} {
  const { hex } = colours[colour];
  const muted = mix(hex, "#8d9aa0", luminance(hex) > 0.7 ? 0.75 : 0.25);
  return { wall: mix(muted, "#ffffff", 0.82), disc: mix(muted, "#ffffff", 0.66), floor: mix(muted, "#3a3a42", 0.12) };
}

/** `share` of `other` in `hex`, from 0 to 1. */
function mix(hex: string, other: string, share: number): string {
  const mixed = channels(hex).map((value, index) => {
    const target = channels(other)[index] ?? value;
    return Math.round(value + (target - value) * share)
      .toString(16)
      .padStart(2, "0");
  });
  return `#${mixed.join("")}`;
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));
}

/** 0 for black, 1 for white, weighted as the eye sees it. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = channels(hex);
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}
