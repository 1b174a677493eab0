/// <reference path="./fengari.d.ts" />
import type { LuaState } from "fengari";
import { formatLuaNumber } from "./numbers.ts";
import { luaString, pushString, readString } from "./stack.ts";
import { fengari } from "./vm.ts";

const { lua, lauxlib } = fengari;
const DEPTH_MAX = 1_000;
/** What `cjson.null` is. */
const NULL_MARK = {};

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "/": "\\/",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Pushes the table that scripts know as `cjson`. */
export function pushCjson(state: LuaState): void {
  lua.lua_createtable(state, 0, 3);
  lua.lua_pushcfunction(state, encode);
  lua.lua_setfield(state, -2, luaString("encode"));
  lua.lua_pushcfunction(state, decode);
  lua.lua_setfield(state, -2, luaString("decode"));
  lua.lua_pushlightuserdata(state, NULL_MARK);
  lua.lua_setfield(state, -2, luaString("null"));
}

function fail(state: LuaState, message: string): never {
  return lauxlib.luaL_error(state, luaString(message.replaceAll("%", "%%")));
}

function encode(state: LuaState): number {
  pushString(state, encodeValue(state, 1, 0));
  return 1;
}

function encodeValue(state: LuaState, index: number, depth: number): string {
  if (depth > DEPTH_MAX) fail(state, "Cannot serialise, excessive depth (1001)");
  lua.lua_checkstack(state, 8);
  switch (lua.lua_type(state, index)) {
    case lua.LUA_TNIL:
      return "null";
    case lua.LUA_TSTRING:
      return encodeString(readString(state, index));
    case lua.LUA_TNUMBER:
      return encodeNumber(state, lua.lua_tonumber(state, index));
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(state, index) ? "true" : "false";
    case lua.LUA_TTABLE:
      return encodeTable(state, lua.lua_absindex(state, index), depth);
    default:
      if (lua.lua_touserdata(state, index) === NULL_MARK) return "null";
      return fail(state, "Cannot serialise: type not supported");
  }
}

/** Works on bytes, so text that is no UTF-8 passes unharmed. */
function encodeString(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON must not hold control characters unescaped.
  const escaped = text.replace(/["\\/\u0000-\u001f\u007f]/g, (char) => {
    return ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

function encodeNumber(state: LuaState, number: number): string {
  if (!Number.isFinite(number)) fail(state, "Cannot serialise number: must not be NaN or Inf");
  return formatLuaNumber(number);
}

/** A table is an array when all its keys are positive whole numbers; an empty one is an object. */
function encodeTable(state: LuaState, table: number, depth: number): string {
  const items = new Map<number, string>();
  const members: string[] = [];
  pushNil(state);
  while (lua.lua_next(state, table)) {
    const value = encodeValue(state, -1, depth + 1);
    lua.lua_pop(state, 1);
    const key = readKey(state);
    if (typeof key === "number" && Number.isInteger(key) && key > 0) items.set(key, value);
    members.push(`${encodeString(typeof key === "number" ? formatLuaNumber(key) : key)}:${value}`);
  }
  if (members.length === 0 || items.size < members.length) return `{${members.join(",")}}`;
  const length = Math.max(...items.keys());
  if (length > 10 && length > items.size * 2) fail(state, "Cannot serialise table: excessively sparse array");
  return `[${Array.from({ length }, (_, at) => items.get(at + 1) ?? "null").join(",")}]`;
}

function pushNil(state: LuaState): void {
  lua.lua_settop(state, lua.lua_gettop(state) + 1);
}

function readKey(state: LuaState): string | number {
  const type = lua.lua_type(state, -1);
  if (type === lua.LUA_TNUMBER) return lua.lua_tonumber(state, -1);
  if (type === lua.LUA_TSTRING) return readString(state, -1);
  return fail(state, "Cannot serialise table: table key must be a number or string");
}

function decode(state: LuaState): number {
  let value: unknown;
  try {
    const bytes = Buffer.from(readString(state, 1), "latin1");
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    fail(state, "Expected value but found invalid token at character 1");
  }
  pushJson(state, value);
  return 1;
}

function pushJson(state: LuaState, value: unknown): void {
  lua.lua_checkstack(state, 8);
  if (value === null) lua.lua_pushlightuserdata(state, NULL_MARK);
  else if (typeof value === "number") lua.lua_pushnumber(state, value);
  else if (typeof value === "boolean") lua.lua_pushboolean(state, value);
  else if (typeof value === "string") pushString(state, Buffer.from(value).toString("latin1"));
  else if (Array.isArray(value)) {
    lua.lua_createtable(state, value.length, 0);
    for (const [at, item] of value.entries()) {
      pushJson(state, item);
      lua.lua_rawseti(state, -2, at + 1);
    }
  } else {
    lua.lua_createtable(state, 0, 0);
    for (const [name, member] of Object.entries(value ?? {})) {
      pushJson(state, member);
      lua.lua_setfield(state, -2, luaString(Buffer.from(name).toString("latin1")));
    }
  }
}
