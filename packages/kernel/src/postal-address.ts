import { formatAddress } from "localized-address-format";

/** A person's address as it is typed in and kept; `country` is ISO 3166-1 alpha-2. */
export interface PostalAddress {
  readonly name: string;
  readonly line1: string;
  readonly line2?: string | undefined;
  readonly city: string;
  readonly region?: string | undefined;
  readonly postalCode: string;
  readonly country: string;
}

type Script = "local" | "latin";

/**
 * The address as it stands on a letter, one line each, in the order of its own country: "Portland, OR 97201" in the US, "10115 Berlin"
 * in Germany. The last line is the country's name in the language of `locale`. What is blank leaves no line, and a region that the
 * country's post does not ask for is left out; nothing else is.
 */
export function addressLines(address: PostalAddress, locale: string): string[] {
  const { country } = address;
  const script = scriptOf(address);
  const city = oneLine(address.city);
  const postalCode = oneLine(address.postalCode);
  const place = { postalCountry: country, administrativeArea: oneLine(address.region), postalCode };
  const isCityAsked = asks({ country, script, field: "locality" }) || names(formatAddress(place, script), city);
  const street = [oneLine(address.line1), oneLine(address.line2)];
  // Where the format knows no city, it belongs to the street: below it, or above it where the large comes first.
  const block = isCityAsked ? street : script === "latin" ? [...street, city] : [city, ...street];
  // As one text, because some formats go on in the street's last line: "Shibuya-ku, Tokyo".
  const addressLines = [block.filter((line) => line !== "").join("\n")];
  const lines = formatAddress({ ...place, name: oneLine(address.name), locality: city, addressLines }, script);
  const code = asks({ country, script, field: "postalCode" }) ? "" : postalCode;
  return [...lines, code, countryName(country, locale)]
    .flatMap((line) => line.split("\n"))
    .map((line) => onePrefix(line, country).trim())
    .filter((line) => line !== "");
}

/** What somebody has typed makes no line of its own. */
function oneLine(text = ""): string {
  return text.replace(/\s+/g, " ").trim();
}

/** China, Japan and some others turn the order round when the address is in Latin letters. */
function scriptOf({ line1, city }: PostalAddress): Script {
  return /(?!\p{Script=Latin})\p{L}/u.test(line1 + city) ? "local" : "latin";
}

interface Asked {
  readonly country: string;
  readonly script: Script;
  readonly field: "locality" | "postalCode";
}

function asks({ country, script, field }: Asked): boolean {
  return names(formatAddress({ postalCountry: country, [field]: "?" }, script), "?");
}

function names(lines: readonly string[], text: string): boolean {
  return lines.some((line) => line.toLowerCase().includes(text.toLowerCase()));
}

/** Some formats write a prefix before the code ("CH-8001", "〒150-0001"), and many people have typed it already. */
function onePrefix(line: string, country: string): string {
  return /^[A-Z]{2}$/.test(country) ? line.replace(new RegExp(`^(${country}[- ]?|〒)\\1`, "i"), "$1") : line;
}

function countryName(country: string, locale: string): string {
  if (!/^[A-Z]{2}$/.test(country)) return country;
  return regionNames(locale).of(country) ?? country;
}

/** To make the names of a language costs more than to use them; a shop writes in few. */
const LANGUAGES_MAX = 100;
const languages = new Map<string, Intl.DisplayNames>();

function regionNames(locale: string): Intl.DisplayNames {
  const known = languages.get(locale) ?? makeRegionNames(locale);
  if (languages.size >= LANGUAGES_MAX) languages.clear();
  languages.set(locale, known);
  return known;
}

/** A locale that nobody knows falls back to English rather than failing what is written in it. */
function makeRegionNames(locale: string): Intl.DisplayNames {
  try {
    return new Intl.DisplayNames([locale, "en"], { type: "region" });
  } catch {
    return new Intl.DisplayNames("en", { type: "region" });
  }
}
