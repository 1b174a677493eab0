import type { Paint } from "./colours.ts";

/** Draws one kind of product on a canvas of 800 × 800 whose floor is at 660. */
export type Motif = (paint: Paint) => readonly string[];

/** Materials that keep their colour whatever a product is painted in. */
export const stuff = {
  wood: "#cda069",
  woodDark: "#a67a48",
  ink: "#3a3f44",
  metal: "#a9b4bb",
  metalDark: "#7d8990",
  glass: "#cfe4ea",
  glow: "#ffe2a0",
  leaf: "#5f8f5d",
  leafDark: "#43704a",
  paper: "#fbf8f1",
  soil: "#5b4636",
} as const;

export function rect(
  x: number,
  y: number,
  size: readonly [width: number, height: number],
  fill: string,
  r = 0,
): string {
  const round = r > 0 ? ` rx="${r}"` : "";
  return `<rect x="${x}" y="${y}" width="${size[0]}" height="${size[1]}"${round} fill="${fill}"/>`;
}

export function oval(x: number, y: number, radii: readonly [x: number, y: number], fill: string): string {
  return `<ellipse cx="${x}" cy="${y}" rx="${radii[0]}" ry="${radii[1]}" fill="${fill}"/>`;
}

export function disc(x: number, y: number, radius: number, fill: string): string {
  return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${fill}"/>`;
}

export function area(d: string, fill: string): string {
  return `<path d="${d}" fill="${fill}"/>`;
}

/** A line with round ends, `width` units thick. */
export function line(d: string, colour: string, width: number): string {
  return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;
}

/** Parts turned by degrees around a point. */
export function turned(degrees: number, around: readonly [x: number, y: number], parts: readonly string[]): string {
  return `<g transform="rotate(${degrees} ${around[0]} ${around[1]})">${parts.join("")}</g>`;
}

/** Seen through, from 0 (not there) to 1. */
export function sheer(opacity: number, parts: readonly string[]): string {
  return `<g opacity="${opacity}">${parts.join("")}</g>`;
}

/** The same part at several places. */
export function at(places: readonly number[], part: (place: number) => string): string {
  return places.map(part).join("");
}
