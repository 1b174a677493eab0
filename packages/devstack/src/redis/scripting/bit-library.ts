/// <reference path="./fengari.d.ts" />
import fengari, { type LuaFunction, type LuaState } from "fengari";

const { lua } = fengari;

/** A number as the signed 32-bit one that LuaBitOp makes of it. */
const read = (state: LuaState, index: number): number => lua.lua_tonumber(state, index) | 0;

function answer(compute: (state: LuaState) => number): LuaFunction {
  return (state) => {
    lua.lua_pushnumber(state, compute(state));
    return 1;
  };
}

function fold(combine: (one: number, other: number) => number): LuaFunction {
  return answer((state) => {
    let result = read(state, 1);
    for (let at = 2; at <= lua.lua_gettop(state); at += 1) result = combine(result, read(state, at));
    return result;
  });
}

/** The functions that scripts know as `bit`. */
export const bitLibrary: Record<string, LuaFunction> = {
  tobit: answer((state) => read(state, 1)),
  bnot: answer((state) => ~read(state, 1)),
  band: fold((one, other) => one & other),
  bor: fold((one, other) => one | other),
  bxor: fold((one, other) => one ^ other),
  lshift: answer((state) => read(state, 1) << read(state, 2)),
  rshift: answer((state) => (read(state, 1) >>> read(state, 2)) | 0),
  arshift: answer((state) => read(state, 1) >> read(state, 2)),
};
