/// <reference path="./fengari.d.ts" />
import type { LuaFunction, LuaState } from "fengari";
import { SCRIPT_INSTRUCTIONS_MAX } from "../limits.ts";
import { RedisError, type Reply } from "../reply.ts";
import { bitLibrary } from "./bit-library.ts";
import { pushCjson } from "./cjson.ts";
import { adoptLua51Numbers } from "./numbers.ts";
import { PRELUDE } from "./prelude.ts";
import { luaString, pushReply, pushString, pushTagged, readField, readReply, readString } from "./stack.ts";
import { fengari } from "./vm.ts";

const { lua, lauxlib, lualib } = fengari;
const HOOK_EVERY = 10_000;
const LOG_LEVELS = { LOG_DEBUG: 0, LOG_VERBOSE: 1, LOG_NOTICE: 2, LOG_WARNING: 3 } as const;

/** Runs a command for a script; throws RedisError where the command refuses. */
export type Invoke = (words: readonly string[]) => Reply;

export interface ScriptCall {
  readonly sha: string;
  readonly keys: readonly string[];
  readonly argv: readonly string[];
  readonly invoke: Invoke;
}

/** One Lua VM for all scripts. Each is compiled once and kept in the registry. */
export class LuaMachine {
  readonly #state: LuaState;
  #invoke: Invoke | null = null;
  #instructions = 0;

  constructor() {
    adoptLua51Numbers();
    this.#state = lauxlib.luaL_newstate();
    lualib.luaL_openlibs(this.#state);
    this.#setTable("redis", this.#redisFunctions(), LOG_LEVELS);
    this.#setTable("bit", bitLibrary, {});
    pushCjson(this.#state);
    lua.lua_setglobal(this.#state, luaString("cjson"));
    lauxlib.luaL_loadbuffer(this.#state, luaString(PRELUDE), null, luaString("=prelude"));
    if (lua.lua_pcall(this.#state, 0, 0, 0)) throw new Error(readString(this.#state, -1));
  }

  /** Compiles a script and answers the reference to run it by. */
  compile(source: string): number {
    const state = this.#state;
    if (lauxlib.luaL_loadbuffer(state, luaString(source), null, luaString("@user_script"))) {
      const message = readString(state, -1);
      lua.lua_pop(state, 1);
      throw new RedisError(`ERR Error compiling script (new function): ${message}`);
    }
    return lauxlib.luaL_ref(state, lua.LUA_REGISTRYINDEX);
  }

  release(reference: number): void {
    lauxlib.luaL_unref(this.#state, lua.LUA_REGISTRYINDEX, reference);
  }

  run(reference: number, call: ScriptCall): Reply {
    const state = this.#state;
    this.#invoke = call.invoke;
    this.#instructions = 0;
    lua.lua_sethook(state, this.#countInstructions, lua.LUA_MASKCOUNT, HOOK_EVERY);
    try {
      this.#setGlobalList("KEYS", call.keys);
      this.#setGlobalList("ARGV", call.argv);
      lua.lua_rawgeti(state, lua.LUA_REGISTRYINDEX, reference);
      if (lua.lua_pcall(state, 0, 1, 0)) throw new RedisError(this.#failure(call.sha));
      const reply = readReply(state, -1);
      if (reply instanceof RedisError) throw reply;
      return reply;
    } finally {
      this.#invoke = null;
      lua.lua_settop(state, 0);
    }
  }

  readonly #countInstructions = (state: LuaState): void => {
    this.#instructions += HOOK_EVERY;
    if (this.#instructions <= SCRIPT_INSTRUCTIONS_MAX) return;
    // From now on every single instruction fails, so that a script cannot outlive its limit by way of pcall.
    lua.lua_sethook(state, this.#countInstructions, lua.LUA_MASKCOUNT, 1);
    lauxlib.luaL_error(state, luaString("Script killed: it ran for too long"));
  };

  #failure(sha: string): string {
    const state = this.#state;
    const top = lua.lua_gettop(state);
    if (lua.lua_type(state, top) === lua.LUA_TTABLE) {
      const message = readField(state, top, "err") ?? "ERR unknown error";
      return `${message} script: ${sha}, on @user_script:${readField(state, top, "line") ?? "0"}.`;
    }
    const text = lua.lua_type(state, top) === lua.LUA_TSTRING ? readString(state, top) : "unknown error";
    // Line numbers are doubles too, and fengari's own messages show it.
    const message = text.replace(/^user_script:(\d+)\.0:/, "user_script:$1:");
    const line = /^user_script:(\d+):/.exec(message)?.[1] ?? "0";
    return `ERR ${message} script: ${sha}, on @user_script:${line}.`;
  }

  #redisFunctions(): Record<string, LuaFunction> {
    const tagged =
      (field: "ok" | "err"): LuaFunction =>
      (state) => {
        pushTagged(state, field, readString(state, 1));
        return 1;
      };
    return {
      call: (state) => this.#call(state, true),
      pcall: (state) => this.#call(state, false),
      status_reply: tagged("ok"),
      error_reply: (state) => {
        const message = readString(state, 1);
        const plain = message.replace(/^-/, "");
        pushTagged(state, "err", plain.includes(" ") ? plain : `ERR ${plain}`);
        return 1;
      },
      log: () => 0,
      replicate_commands: (state) => {
        lua.lua_pushboolean(state, true);
        return 1;
      },
      sha1hex: (state) => {
        pushString(
          state,
          new Bun.CryptoHasher("sha1").update(Buffer.from(readString(state, 1), "latin1")).digest("hex"),
        );
        return 1;
      },
    };
  }

  #call(state: LuaState, raise: boolean): number {
    const words = readWords(state);
    const reply = words
      ? this.#answer(words)
      : new RedisError("ERR Lua redis lib command arguments must be strings or integers");
    pushReply(state, reply);
    if (!(reply instanceof RedisError) || !raise) return 1;
    lauxlib.luaL_where(state, 1);
    const line = /:(\d+)[.:]/.exec(readString(state, -1))?.[1] ?? "0";
    lua.lua_pop(state, 1);
    pushString(state, line);
    lua.lua_setfield(state, -2, luaString("line"));
    return lua.lua_error(state);
  }

  #answer(words: readonly string[]): Reply {
    if (words.length === 0) return new RedisError("ERR Please specify at least one argument for this redis lib call");
    try {
      return this.#invoke?.(words) ?? null;
    } catch (error) {
      if (error instanceof RedisError) return error;
      throw error;
    }
  }

  #setTable(name: string, functions: Record<string, LuaFunction>, numbers: Record<string, number>): void {
    lua.lua_createtable(this.#state, 0, 0);
    for (const [field, run] of Object.entries(functions)) {
      lua.lua_pushcfunction(this.#state, run);
      lua.lua_setfield(this.#state, -2, luaString(field));
    }
    for (const [field, number] of Object.entries(numbers)) {
      lua.lua_pushnumber(this.#state, number);
      lua.lua_setfield(this.#state, -2, luaString(field));
    }
    lua.lua_setglobal(this.#state, luaString(name));
  }

  /** Sets KEYS or ARGV past the guard on globals. */
  #setGlobalList(name: string, items: readonly string[]): void {
    lua.lua_pushglobaltable(this.#state);
    pushString(this.#state, name);
    pushReply(this.#state, items);
    lua.lua_rawset(this.#state, -3);
    lua.lua_pop(this.#state, 1);
  }
}

/** The words of a command as a script gave them; null when one is neither text nor number. */
function readWords(state: LuaState): string[] | null {
  const words: string[] = [];
  for (let at = 1; at <= lua.lua_gettop(state); at += 1) {
    const type = lua.lua_type(state, at);
    if (type === lua.LUA_TNUMBER) words.push(String(lua.lua_tonumber(state, at)));
    else if (type === lua.LUA_TSTRING) words.push(readString(state, at));
    else return null;
  }
  return words;
}
