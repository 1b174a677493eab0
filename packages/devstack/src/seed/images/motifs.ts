import { bagMotifs } from "./motifs-bags.ts";
import { campingMotifs } from "./motifs-camping.ts";
import { furnitureMotifs } from "./motifs-furniture.ts";
import { gardenMotifs } from "./motifs-garden.ts";
import { kitchenMotifs } from "./motifs-kitchen.ts";
import { lightingMotifs } from "./motifs-lighting.ts";
import { textileMotifs } from "./motifs-textiles.ts";
import { toolMotifs } from "./motifs-tools.ts";

/** Every drawing by name. */
export const motifs = {
  ...lightingMotifs,
  ...furnitureMotifs,
  ...kitchenMotifs,
  ...textileMotifs,
  ...campingMotifs,
  ...bagMotifs,
  ...gardenMotifs,
  ...toolMotifs,
};

export type MotifName = keyof typeof motifs;
