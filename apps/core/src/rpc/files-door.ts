import { fieldErrors, problem } from "@stoa/kernel";
import { readBytes } from "@stoa/runtime";
import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { type RpcContext, refusalOf } from "../platform/rpc/index.ts";
import type { ExportCatalog, ImportNews } from "../services/catalog/index.ts";
import { type ContextDeps, createContext } from "./context.ts";

/** Larger files are for the command line. They may come packed. */
export const IMPORT_BYTES_MAX = 20_000_000;
const CHUNK_BYTES = 65_536;

const NAME = /^\/files\/catalog\.((jsonl|csv)(?:\.gz)?)$/;
const TYPES = { csv: "text/csv; charset=utf-8", jsonl: "application/jsonl; charset=utf-8" } as const;
const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const exportQuery = z.strictObject({
  search: z.string().optional(),
  /** With commas between them. */
  statuses: z
    .string()
    .transform((text) => text.split(","))
    .optional(),
  categoryId: z.string().optional(),
});
const importQuery = z.strictObject({
  dryRun: flag.default(false),
  defaultStock: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .optional(),
});

export interface FilesDoorDeps extends ContextDeps {
  /** Core's procedures, of which it calls two. */
  readonly router: {
    createCaller(context: RpcContext): {
      readonly catalog: {
        readonly files: {
          export(input: ExportCatalog): Promise<AsyncIterable<string>>;
          import(input: object): Promise<AsyncIterable<ImportNews>>;
        };
      };
    };
  };
  /** Told of what went wrong when the answer had begun already. */
  readonly failed: (error: unknown) => void;
}

/**
 * `GET /files/catalog.csv` and `.jsonl` answer the products that the query matches as a file; `POST` to the same, or with `.gz` behind
 * it, brings the products of the body in and answers news, one JSON object a line, the result last. Both stream.
 * Rights, audit and refusals are those of the procedures `catalog.files`.
 * @throws problem `not_found`, `unauthenticated`, `forbidden`, `validation_failed`, `payload_too_large`.
 */
export function createFilesDoor(deps: FilesDoorDeps): (request: Request) => Promise<Response> {
  return async (request) => {
    const context = await createContext(deps, request);
    // Nothing of a stranger's is read.
    if (context.actor.kind !== "staff") throw problem("unauthenticated");
    const { pathname, searchParams } = new URL(request.url);
    const [, name, format] = NAME.exec(pathname) ?? [];
    if (!name || (request.method === "GET" && name !== format)) throw problem("not_found");
    const procedures = deps.router.createCaller(context).catalog.files;
    const query = Object.fromEntries(searchParams);
    try {
      return request.method === "GET"
        ? await sendExport(
            deps,
            await procedures.export({ ...exportQuery.parse(query), format } as ExportCatalog),
            format as keyof typeof TYPES,
          )
        : await sendNews(
            deps,
            await procedures.import({
              ...importQuery.parse(query),
              ...(await bodyOf(request)),
              name: `catalog.${name}`,
            }),
          );
    } catch (error) {
      throw refusal(error);
    }
  };
}

/** The file, read whole before the first news goes out: what stands between may not send and hear at the same time. */
async function bodyOf(request: Request) {
  const bytes = await readBytes(request, IMPORT_BYTES_MAX);
  if (bytes.length === 0)
    throw problem("validation_failed", { errors: [{ path: "", message: "the file is missing" }] });
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += CHUNK_BYTES) yield bytes.subarray(start, start + CHUNK_BYTES);
  }
  return { chunks: chunks(), size: bytes.length };
}

async function sendExport(deps: FilesDoorDeps, pieces: AsyncIterable<string>, format: keyof typeof TYPES) {
  return streamed(deps, pieces, {
    "content-type": TYPES[format],
    "content-disposition": `attachment; filename="catalog.${format}"`,
  });
}

async function sendNews(deps: FilesDoorDeps, news: AsyncIterable<ImportNews>) {
  async function* lines() {
    for await (const one of news) yield `${JSON.stringify(one)}\n`;
  }
  return streamed(deps, lines(), { "content-type": TYPES.jsonl });
}

/** The first piece is waited for, so that a refusal still answers with its status; what fails later cuts the answer off. */
async function streamed(
  { failed }: FilesDoorDeps,
  pieces: AsyncIterable<string>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const iterator = pieces[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<string>> | null = Promise.resolve(await iterator.next());
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await (next ?? iterator.next());
        next = null;
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        failed(error);
        controller.error(error);
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return new Response(body, { headers: { ...headers, "cache-control": "private, no-store" } });
}

function refusal(error: unknown): unknown {
  if (error instanceof TRPCError) return refusalOf(error);
  if (!(error instanceof z.ZodError)) return error;
  return problem("validation_failed", { errors: fieldErrors(error) });
}
