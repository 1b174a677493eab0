import type { MediaStore } from "@stoa/runtime";
import type { ShelfProduct } from "./catalog/shelf.ts";
import { type ColourName, colours } from "./images/colours.ts";
import { drawImage, type ImageSeed } from "./images/draw-image.ts";
import { inParallel } from "./in-parallel.ts";

const FOLDER = "demo";
const WRITES_AT_A_TIME = 16;

/** Where the shop shows the picture of a product in a colour. */
export type ImageUrl = (product: ShelfProduct, colour: ColourName) => { readonly url: string; readonly alt: string };

/** Draws every picture into the shop's media. Names carry a hash of the content, since browsers keep media for good. */
export async function writeImages(media: MediaStore, products: readonly ShelfProduct[]): Promise<ImageUrl> {
  const names = new Map<ImageSeed, string>();
  const drawn = products.flatMap((product) =>
    [...product.images.values()].map((image) => {
      const svg = drawImage(image);
      const hash = new Bun.CryptoHasher("sha256").update(svg).digest("hex").slice(0, 8);
      const name = `${product.slug}-${colours[image.colour].code.toLowerCase()}-${hash}.svg`;
      names.set(image, name);
      return { name, svg };
    }),
  );
  const encoder = new TextEncoder();
  await inParallel(drawn, WRITES_AT_A_TIME, ({ name, svg }) => media.write(`${FOLDER}/${name}`, encoder.encode(svg)));
  return (product, colour) => {
    const image = product.images.get(colour);
    const name = image && names.get(image);
    if (!image || !name) throw new Error(`nothing was drawn of ${product.slug} in ${colour}`);
    return { url: `/media/${FOLDER}/${name}`, alt: image.title };
  };
}
