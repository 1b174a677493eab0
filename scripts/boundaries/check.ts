import { posix } from "node:path";
import { testsMay, type Zone, zones } from "./rules.ts";

export interface ImportStatement {
  readonly specifier: string;
  readonly isType: boolean;
}

/** One import that the rules forbid, as a sentence. */
export interface Violation {
  readonly file: string;
  readonly reason: string;
}

const STATEMENT = /\b(import|export)\b\s*(type\b)?(?:[\w*\s{},$]*?\bfrom\b)?\s*["']([^"'\n]+)["']/g;
const DYNAMIC = /\bimport\(\s*["'`]([^"'`\n]+)["'`]/g;

/** Every import of a source text: static, re-exported and dynamic. Comments do not count. */
export function importsOf(source: string): ImportStatement[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const found: ImportStatement[] = [];
  for (const [, , type, specifier] of code.matchAll(STATEMENT)) {
    if (specifier) found.push({ specifier, isType: type !== undefined });
  }
  for (const [, specifier] of code.matchAll(DYNAMIC)) if (specifier) found.push({ specifier, isType: false });
  return found;
}

/** What one file imports and may not. `file` is its path from the root, with forward slashes. */
export function violationsOf(file: string, source: string): Violation[] {
  const zone = zoneOf(file);
  if (!zone) return [{ file, reason: "lies in no zone of the import rules" }];
  return importsOf(source).flatMap((statement) => {
    const reason = forbidden(file, zone, statement);
    return reason ? [{ file, reason }] : [];
  });
}

function forbidden(file: string, zone: Zone, { specifier, isType }: ImportStatement): string | null {
  const mayImport = isTest(file) ? [...zone.may, ...testsMay, ...(zone.testsMay ?? [])] : zone.may;
  if (specifier.startsWith("@stoa/")) {
    const target = specifier.split("/").slice(0, 2).join("/");
    if (mayImport.includes(target)) return null;
    if (zone.typesOnly?.includes(target)) return isType ? null : `may import types of ${specifier} only`;
    return `may not import ${specifier}`;
  }
  if (!specifier.startsWith(".")) return null;
  const path = posix.join(posix.dirname(file), specifier);
  const target = zoneOf(path);
  if (!target || target === zone) return target ? null : `imports ${path}, which lies outside the rules`;
  if (rootOf(path) !== rootOf(file)) return `leaves its package for ${path}; name the package instead`;
  if (!mayImport.includes(target.prefix) && !isWithin(path, mayImport)) return `may not import ${path}`;
  const isFixture = isTest(file) && path.includes("/testing/");
  if (target.door && path !== target.door && !isFixture) return `reaches past ${target.door} to ${path}`;
  return null;
}

function zoneOf(path: string): Zone | undefined {
  return zones.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
}

function isWithin(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => path.startsWith(`${prefix}/`) && zoneOf(path)?.prefix === zoneOf(prefix)?.prefix);
}

/** `apps/core`, `packages/kernel`, or a folder of the root. */
function rootOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "apps" || first === "packages" ? `${first}/${second}` : first;
}

function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file) || file.includes("/testing/") || file.includes("/conformance/");
}
