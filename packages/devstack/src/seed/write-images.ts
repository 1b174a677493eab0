import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ShelfProduct } from "./catalog/shelf.ts";
import { type ColourName, colours } from "./images/colours.ts";
import { drawImage, type ImageSeed } from "./images/draw-image.ts";

const FOLDER = "demo";

/** Where the shop shows the picture of a product in a colour. */
export type ImageUrl = (product: ShelfProduct, colour: ColourName) => { readonly url: string; readonly alt: string };

/** Draws every picture into the shop's media folder. Names carry a hash of the content, since browsers keep media for good. */
export async function writeImages(mediaDir: string, products: readonly ShelfProduct[]): Promise<ImageUrl> {
  await mkdir(join(mediaDir, FOLDER), { recursive: true });
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
  await Promise.all(drawn.map(({ name, svg }) => Bun.write(join(mediaDir, FOLDER, name), svg)));
  return (product, colour) => {
    const image = product.images.get(colour);
    const name = image && names.get(image);
    if (!image || !name) throw new Error(`nothing was drawn of ${product.slug} in ${colour}`);
    return { url: `/media/${FOLDER}/${name}`, alt: image.title };
  };
}
