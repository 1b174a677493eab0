/** The part of fengari (a Lua VM in JavaScript, without types of its own) that we use. */
declare module "fengari" {
  /** One Lua state; only ever handed back to fengari. */
  export interface LuaState {
    readonly l_G: unknown;
  }
  export type LuaString = Uint8Array;
  export type LuaFunction = (state: LuaState) => number;

  interface LuaApi {
    readonly LUA_TNIL: number;
    readonly LUA_TBOOLEAN: number;
    readonly LUA_TLIGHTUSERDATA: number;
    readonly LUA_TNUMBER: number;
    readonly LUA_TSTRING: number;
    readonly LUA_TTABLE: number;
    readonly LUA_MASKCOUNT: number;
    readonly LUA_REGISTRYINDEX: number;
    lua_absindex(state: LuaState, index: number): number;
    lua_checkstack(state: LuaState, slots: number): boolean;
    lua_createtable(state: LuaState, items: number, fields: number): void;
    lua_error(state: LuaState): never;
    lua_gettop(state: LuaState): number;
    lua_next(state: LuaState, index: number): number;
    lua_pcall(state: LuaState, args: number, results: number, handler: number): number;
    lua_pop(state: LuaState, count: number): void;
    lua_pushboolean(state: LuaState, value: boolean): void;
    lua_pushcfunction(state: LuaState, run: LuaFunction): void;
    lua_pushglobaltable(state: LuaState): void;
    lua_pushlightuserdata(state: LuaState, value: object): void;
    lua_pushnumber(state: LuaState, value: number): void;
    lua_pushstring(state: LuaState, value: LuaString): void;
    lua_pushvalue(state: LuaState, index: number): void;
    lua_rawget(state: LuaState, index: number): number;
    lua_rawgeti(state: LuaState, index: number, key: number): number;
    lua_rawset(state: LuaState, index: number): void;
    lua_rawseti(state: LuaState, index: number, key: number): void;
    lua_setfield(state: LuaState, index: number, key: LuaString): void;
    lua_setglobal(state: LuaState, key: LuaString): void;
    lua_sethook(state: LuaState, hook: (state: LuaState) => void, mask: number, count: number): void;
    lua_settop(state: LuaState, index: number): void;
    lua_toboolean(state: LuaState, index: number): boolean;
    lua_tolstring(state: LuaState, index: number): LuaString;
    lua_tonumber(state: LuaState, index: number): number;
    lua_topointer(state: LuaState, index: number): unknown;
    lua_touserdata(state: LuaState, index: number): unknown;
    lua_type(state: LuaState, index: number): number;
  }

  interface LuaAuxiliaryApi {
    luaL_error(state: LuaState, message: LuaString): never;
    luaL_loadbuffer(state: LuaState, source: LuaString, size: null, name: LuaString): number;
    luaL_newstate(): LuaState;
    luaL_ref(state: LuaState, index: number): number;
    luaL_unref(state: LuaState, index: number, reference: number): void;
    luaL_where(state: LuaState, level: number): void;
  }

  const fengari: {
    readonly lua: LuaApi;
    readonly lauxlib: LuaAuxiliaryApi;
    readonly lualib: { luaL_openlibs(state: LuaState): void };
  };
  export default fengari;
}

declare module "fengari/src/lobject.js" {
  interface LuaValue {
    value: unknown;
    ttisnumber(): boolean;
    setsvalue(text: unknown): void;
  }
  const lobject: {
    readonly TValue: {
      readonly prototype: LuaValue & {
        ttisinteger(): boolean;
        ttisfloat(): boolean;
        setivalue(value: number): void;
        setfltvalue(value: number): void;
      };
    };
    luaO_tostring(state: import("fengari").LuaState, value: LuaValue): void;
  };
  export default lobject;
}

declare module "fengari/src/lstring.js" {
  const lstring: { luaS_bless(state: import("fengari").LuaState, text: Uint8Array): unknown };
  export default lstring;
}
