import { problem } from "@stoa/kernel";
import { readBytes } from "@stoa/runtime/portable";

export const BODY_BYTES_MAX = 256 * 1024;
const JSON_DEPTH_MAX = 32;

/** The JSON value of a body; `{}` for an empty one. @throws problem `malformed_json`, `payload_too_large`. */
export async function readJson(request: Request): Promise<unknown> {
  const bytes = await readBytes(request, BODY_BYTES_MAX);
  if (bytes.byteLength === 0) return {};
  const text = decode(bytes);
  if (depthOf(text) > JSON_DEPTH_MAX) {
    throw problem("malformed_json", { detail: `JSON may be nested ${JSON_DEPTH_MAX} deep.` });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw problem("malformed_json");
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw problem("malformed_json", { detail: "The body is not UTF-8." });
  }
}

/** How deep brackets nest outside of strings; found before parsing, because a parser recurses. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (inString) {
      if (character === 0x5c) index += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x7b || character === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (character === 0x7d || character === 0x5d) depth -= 1;
  }
  return deepest;
}
