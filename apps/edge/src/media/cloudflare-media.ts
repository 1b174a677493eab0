import { fetchInTime, fileIn, mediaOrigin } from "@stoa/runtime/portable";
import type { EdgeMedia } from "../deps.ts";

const IMAGE_TYPE = /^image\/(?:avif|gif|jpeg|png|webp)$/;

/** Files on another server, remade by Cloudflare on the way where the zone has image resizing, else as they were uploaded. */
export function cloudflareMedia(baseUrl: string): EdgeMedia {
  const source = mediaOrigin(baseUrl);
  return {
    source,
    async image(path, { width, format }) {
      const image = {
        fit: "scale-down",
        metadata: "none",
        ...(width !== null && { width }),
        ...(format !== "png" && { format }),
      };
      // Only Cloudflare knows this member; any other fetch passes over it.
      const init: RequestInit & { readonly cf: object } = { cf: { image } };
      const answer = await fetchInTime(new URL(path, baseUrl.replace(/\/*$/, "/")), init);
      const contentType = answer.headers.get("content-type") ?? "";
      const file = await fileIn(answer, path);
      return file && IMAGE_TYPE.test(contentType) ? { ...file, contentType } : null;
    },
  };
}
