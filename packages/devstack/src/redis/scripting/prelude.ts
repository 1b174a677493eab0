/**
 * Turns Lua 5.3 into what a script for Redis finds: the names of Lua 5.1, nothing that reaches outside,
 * and globals that can be neither made nor misspelt.
 */
export const PRELUDE = `
local rawToString, rawFormat, rawRep = tostring, string.format, string.rep
local floor, ceil, rawLoad, rawPcall, unpackValues = math.floor, math.ceil, load, pcall, table.unpack
unpack = unpackValues
loadstring = function(source, name) return rawLoad(source, name, 't') end
pcall = function(...)
  local results = table.pack(rawPcall(...))
  local failure = results[2]
  if not results[1] and type(failure) == 'table' and failure.err then return false, failure.err end
  return unpackValues(results, 1, results.n)
end
math.pow = function(base, exponent) return base ^ exponent end
math.log10 = function(number) return math.log(number, 10) end
table.getn = function(items) return #items end
table.maxn = function(items)
  local most = 0
  for key in pairs(items) do if type(key) == 'number' and key > most then most = key end end
  return most
end
tostring = function(value)
  if type(value) == 'number' then return value .. '' end
  return rawToString(value)
end
string.rep = function(text, times, separator)
  if #text * times > 67108864 then error('resulting string too large', 2) end
  return rawRep(text, times, separator)
end
string.format = function(format, ...)
  local values, count, at = { ... }, select('#', ...), 0
  format = string.gsub(format, '%%([-+ #0]*%d*%.?%d*)(.)', function(flags, kind)
    if kind == '%' then return nil end
    at = at + 1
    local value = values[at]
    if kind == 'd' or kind == 'i' then
      value = tonumber(value)
      if not value then return nil end
      values[at] = value < 0 and ceil(value) or floor(value)
      return '%' .. flags .. '.0f'
    end
    if kind == 's' then values[at] = tostring(value) end
    return nil
  end)
  return rawFormat(format, unpackValues(values, 1, count))
end
coroutine, debug, os, io, package, require, dofile, loadfile, print, collectgarbage, utf8 = nil
load = nil
setmetatable(_G, {
  __index = function(_, name)
    error("Script attempted to access nonexistent global variable '" .. rawToString(name) .. "'", 2)
  end,
  __newindex = function() error('Attempt to modify a readonly table', 2) end,
  __metatable = false,
})
`;
