import { problem } from "@stoa/kernel";
import { readBytes } from "@stoa/runtime";
import { TRPCError } from "@trpc/server";
import { type RpcContext, refusalOf } from "../platform/rpc/index.ts";
import { type ContextDeps, createContext } from "./context.ts";

/** A picture, and what a form puts around it. */
export const UPLOAD_BYTES_MAX = 20_100_000;

export interface UploadDoorDeps extends ContextDeps {
  /** Core's procedures, of which it calls one. */
  readonly router: {
    createCaller(context: RpcContext): {
      readonly catalog: { readonly media: { upload(bytes: Uint8Array): Promise<unknown> } };
    };
  };
}

/**
 * `POST /uploads/images` with a form whose member `file` is a picture: 201 and what a product needs to show it.
 * The right, the audit and the refusals are those of the procedure `catalog.media.upload`.
 * @throws problem `unauthenticated`, `forbidden`, `payload_too_large`, `validation_failed`, `service_unavailable`.
 */
export function createUploadDoor(deps: UploadDoorDeps): (request: Request) => Promise<Response> {
  return async (request) => {
    const context = await createContext(deps, request);
    // Nothing of a stranger's is read.
    if (context.actor.kind !== "staff") throw problem("unauthenticated");
    const bytes = await fileIn(request);
    try {
      const uploaded = await deps.router.createCaller(context).catalog.media.upload(bytes);
      return Response.json(uploaded, { status: 201, headers: { "cache-control": "private, no-store" } });
    } catch (error) {
      throw error instanceof TRPCError ? refusalOf(error) : error;
    }
  };
}

async function fileIn(request: Request): Promise<Uint8Array> {
  const bytes = await readBytes(request, UPLOAD_BYTES_MAX);
  const type = request.headers.get("content-type") ?? "";
  const form = await new Response(bytes, { headers: { "content-type": type } }).formData().catch(() => null);
  const file = form?.get("file");
  if (file instanceof Blob) return file.bytes();
  throw problem("validation_failed", { errors: [{ path: "file", message: "is missing; send it in a form" }] });
}
