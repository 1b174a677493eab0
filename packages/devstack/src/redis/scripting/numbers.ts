/// <reference path="./fengari.d.ts" />
import { lobject, lstring } from "./vm.ts";

const DIGITS = 14;

/** A number as Lua 5.1 writes it: C's `%.14g`. */
export function formatLuaNumber(number: number): string {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
  const [mantissa = "0", exponentText = "0"] = number.toExponential(DIGITS - 1).split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < DIGITS) return trimZeros(number.toFixed(DIGITS - 1 - exponent));
  const sign = exponent < 0 ? "-" : "+";
  return `${trimZeros(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

let adopted = false;

/**
 * Gives fengari the numbers of Lua 5.1, as scripts for Redis expect them. Fengari follows Lua 5.3 with integers of 32 bits:
 * seconds * 1000 would wrap round without a word, and 3.0 would be written "3.0". So every number becomes a double.
 */
export function adoptLua51Numbers(): void {
  if (adopted) return;
  adopted = true;
  const value = lobject.TValue.prototype;
  value.ttisinteger = () => false;
  value.ttisfloat = value.ttisnumber;
  value.setivalue = value.setfltvalue;
  lobject.luaO_tostring = (state, number) => {
    const text = formatLuaNumber(Number(number.value));
    number.setsvalue(lstring.luaS_bless(state, new Uint8Array(Buffer.from(text, "latin1"))));
  };
}
