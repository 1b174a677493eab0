import { MongoError } from "../errors.ts";

const NAMESPACE_BYTES_MAX = 255;

/** @throws InvalidNamespace */
export function checkNamespace(namespace: string): void {
  const dot = namespace.indexOf(".");
  const database = namespace.slice(0, dot);
  const name = namespace.slice(dot + 1);
  const isBad =
    dot <= 0 ||
    name === "" ||
    name.startsWith(".") ||
    /[$\0]/.test(name) ||
    /[/\\. "$*<>:|?\0]/.test(database) ||
    name.startsWith("system.") ||
    Buffer.byteLength(namespace) > NAMESPACE_BYTES_MAX;
  if (isBad) throw new MongoError("InvalidNamespace", `Invalid namespace specified '${namespace}'`);
}
