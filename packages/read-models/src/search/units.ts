/** What a unit of measure is called, by how shoppers and merchants write it. */
const spellings: Readonly<Record<string, readonly string[]>> = {
  in: ["in", "inch", "inches", "zoll"],
  ft: ["ft", "foot", "feet"],
  yd: ["yd", "yard", "yards"],
  mm: ["mm", "millimeter", "millimeters", "millimetre", "millimetres"],
  cm: ["cm", "centimeter", "centimeters", "centimetre", "centimetres"],
  m: ["m", "meter", "meters", "metre", "metres", "mtr"],
  mg: ["mg"],
  g: ["g", "gram", "grams", "gr"],
  kg: ["kg", "kgs", "kilogram", "kilograms", "kilo", "kilos"],
  lb: ["lb", "lbs", "pound", "pounds"],
  oz: ["oz", "ounce", "ounces"],
  ml: ["ml", "milliliter", "milliliters", "millilitre", "millilitres"],
  l: ["l", "liter", "liters", "litre", "litres", "ltr"],
  gal: ["gal", "gallon", "gallons"],
  qt: ["qt", "quart", "quarts"],
  kb: ["kb"],
  mb: ["mb", "megabyte", "megabytes"],
  gb: ["gb", "gigabyte", "gigabytes"],
  tb: ["tb", "terabyte", "terabytes"],
  hz: ["hz", "hertz"],
  mhz: ["mhz"],
  ghz: ["ghz"],
  w: ["w", "watt", "watts"],
  kw: ["kw", "kilowatt", "kilowatts"],
  wh: ["wh"],
  v: ["v", "volt", "volts"],
  va: ["va"],
  kva: ["kva"],
  a: ["a", "amp", "amps", "ampere", "amperes"],
  ma: ["ma"],
  mah: ["mah"],
  ah: ["ah"],
  dpi: ["dpi"],
  rpm: ["rpm"],
  mp: ["mp", "megapixel", "megapixels"],
  btu: ["btu", "btus"],
  lm: ["lm", "lumen", "lumens"],
  psi: ["psi"],
  pk: ["pk", "pack", "packs", "pc", "pcs", "piece", "pieces", "count", "ct"],
  yr: ["yr", "yrs", "year", "years"],
};

const unitOf: ReadonlyMap<string, string> = new Map(
  Object.entries(spellings).flatMap(([unit, names]) => names.map((name) => [name, unit] as const)),
);

/** The unit that a word in lower case means, or null. */
export function unitNamed(word: string): string | null {
  return unitOf.get(word) ?? null;
}

/** A number without what does not change it: "1,000" → "1000", "2,50" → "2.5", "007" as it is. */
export function plainNumber(text: string): string {
  const grouped = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text) ? text.replaceAll(",", "") : text.replaceAll(",", ".");
  return /^\d+\.\d+$/.test(grouped) ? grouped.replace(/0+$/, "").replace(/\.$/, "") : grouped;
}

/** The smaller unit of which a thousand are the larger: gb and tb, ml and l. */
const thousands: Readonly<Record<string, string>> = { gb: "tb", ml: "l", g: "kg" };
const parts: Readonly<Record<string, string>> = { l: "ml", kg: "g" };

/** One word for a quantity, the same however it was written: "1000 GB" and "1 TB" are both "1tb", "0.5 l" is "500ml". */
export function quantity(number: string, unit: string): string {
  const plain = plainNumber(number);
  const larger = thousands[unit];
  if (larger && /^[1-9]\d*000$/.test(plain)) return `${plain.slice(0, -3)}${larger}`;
  const smaller = parts[unit];
  const fraction = /^(\d+)\.(\d{1,3})$/.exec(plain);
  if (smaller && fraction) return `${Number(`${fraction[1]}${fraction[2]?.padEnd(3, "0")}`)}${smaller}`;
  return `${plain}${unit}`;
}
