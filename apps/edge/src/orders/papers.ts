import { endpointById } from "@stoa/contract";
import type { PaperFile } from "../core-port.ts";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { shownToken } from "./read-order.ts";

/** The order's invoice; core issues it when it is first asked for. */
export const getInvoice = route(endpointById("orders.invoice"), async (deps, { core, params, request }) =>
  fileAnswer(await deps.core.getInvoice(core, { ...params, ...shownToken(request.headers) })),
);

export const listDocuments = route(endpointById("orders.documents"), async (deps, { core, params, request }) =>
  privateJson({ items: await deps.core.listDocuments(core, { ...params, ...shownToken(request.headers) }) }),
);

export const getDocument = route(endpointById("orders.document"), async (deps, { core, params, request }) =>
  fileAnswer(await deps.core.getDocument(core, { ...params, ...shownToken(request.headers) })),
);

export const listCreditNotes = route(endpointById("orders.creditNotes"), async (deps, { core, params, request }) => {
  const documents = await deps.core.listDocuments(core, { ...params, ...shownToken(request.headers) });
  const notes = documents.filter(({ kind }) => kind === "credit_note");
  return privateJson({ items: notes.map(({ kind: _, ...note }) => note) });
});

export const getCreditNote = route(endpointById("orders.creditNote"), async (deps, { core, params, request }) =>
  fileAnswer(await deps.core.getDocument(core, { ...params, ...shownToken(request.headers) })),
);

function fileAnswer({ filename, contentType, base64 }: PaperFile): Response {
  const body = Buffer.from(base64, "base64");
  return new Response(body, {
    headers: {
      "content-type": contentType,
      "content-length": String(body.byteLength),
      "content-disposition": `inline; filename="${filename.replaceAll(/[^\w.-]/g, "_")}"`,
      "cache-control": "private, no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
