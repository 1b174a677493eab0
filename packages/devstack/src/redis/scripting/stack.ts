/// <reference path="./fengari.d.ts" />
import fengari, { type LuaState, type LuaString } from "fengari";
import { NO_ARRAY, RedisError, type Reply, Status } from "../reply.ts";

const { lua } = fengari;
const DEPTH_MAX = 1_000;

/** Latin1 text as the bytes that Lua takes. */
export function luaString(text: string): LuaString {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

export function readString(state: LuaState, index: number): string {
  const bytes = lua.lua_tolstring(state, index);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

export function pushString(state: LuaState, text: string): void {
  lua.lua_pushstring(state, luaString(text));
}

/** Pushes `{ [field] = text }`, the shape of status and error replies in scripts. */
export function pushTagged(state: LuaState, field: "ok" | "err", text: string): void {
  lua.lua_createtable(state, 0, 1);
  pushString(state, text);
  lua.lua_setfield(state, -2, luaString(field));
}

/** A reply as a script sees it: nothing becomes false, a status or an error a table. */
export function pushReply(state: LuaState, reply: Reply): void {
  if (reply === null || reply === NO_ARRAY) lua.lua_pushboolean(state, false);
  else if (typeof reply === "number") lua.lua_pushnumber(state, reply);
  else if (typeof reply === "string") pushString(state, reply);
  else if (reply instanceof Status) pushTagged(state, "ok", reply.text);
  else if (reply instanceof RedisError) pushTagged(state, "err", reply.message);
  else if (Array.isArray(reply)) {
    lua.lua_checkstack(state, 8);
    lua.lua_createtable(state, reply.length, 0);
    for (const [at, item] of reply.entries()) {
      pushReply(state, item);
      lua.lua_rawseti(state, -2, at + 1);
    }
  }
}

/** Reads the field of the table at an absolute index, null unless it is a string. */
export function readField(state: LuaState, table: number, field: string): string | null {
  pushString(state, field);
  lua.lua_rawget(state, table);
  const text = lua.lua_type(state, -1) === lua.LUA_TSTRING ? readString(state, -1) : null;
  lua.lua_pop(state, 1);
  return text;
}

/** What a script returned, as Redis turns it into a reply: numbers lose their fraction, an array ends at its first nil. */
export function readReply(state: LuaState, index: number, depth = 0): Reply {
  if (depth > DEPTH_MAX) return new RedisError("ERR reached lua stack limit");
  switch (lua.lua_type(state, index)) {
    case lua.LUA_TSTRING:
      return readString(state, index);
    case lua.LUA_TNUMBER:
      return Math.trunc(lua.lua_tonumber(state, index));
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(state, index) ? 1 : null;
    case lua.LUA_TTABLE:
      return readTable(state, lua.lua_absindex(state, index), depth);
    default:
      return null;
  }
}

function readTable(state: LuaState, table: number, depth: number): Reply {
  const error = readField(state, table, "err");
  if (error !== null) return new RedisError(error);
  const status = readField(state, table, "ok");
  if (status !== null) return new Status(status);
  const items: Reply[] = [];
  lua.lua_checkstack(state, 8);
  for (let at = 1; ; at += 1) {
    lua.lua_rawgeti(state, table, at);
    const isEnd = lua.lua_type(state, -1) === lua.LUA_TNIL;
    if (!isEnd) items.push(readReply(state, -1, depth + 1));
    lua.lua_pop(state, 1);
    if (isEnd) return items;
  }
}
