/** Nouns that no rule below leads to one form. */
const irregular: ReadonlyMap<string, string> = new Map(
  Object.entries({
    women: "woman",
    womens: "woman",
    men: "man",
    mens: "man",
    children: "child",
    childrens: "child",
    feet: "foot",
    teeth: "tooth",
    mice: "mouse",
    geese: "goose",
    lens: "lens",
    lenses: "lens",
    gas: "gas",
    gases: "gas",
    bus: "bus",
    buses: "bus",
    canvas: "canvas",
    canvases: "canvas",
    series: "series",
    shelves: "shelf",
    knives: "knife",
    scarves: "scarf",
    halves: "half",
    wolves: "wolf",
    leaves: "leaf",
    loaves: "loaf",
    calves: "calf",
    wives: "wife",
    shoes: "shoe",
    toes: "toe",
    canoes: "canoe",
    hoes: "hoe",
    pyjama: "pajama",
    pyjamas: "pajama",
    pajamas: "pajama",
    grey: "gray",
    colour: "color",
    colours: "color",
    coloured: "colored",
    fibre: "fiber",
    fibres: "fiber",
    theatre: "theater",
    centre: "center",
    aluminium: "aluminum",
    adaptor: "adapter",
    adaptors: "adapter",
    jewellery: "jewelry",
    tyre: "tire",
    tyres: "tire",
    mould: "mold",
    litre: "liter",
    metre: "meter",
    flavour: "flavor",
    flavours: "flavor",
    flavoured: "flavored",
    odour: "odor",
    vapour: "vapor",
    armour: "armor",
    favourite: "favorite",
    yoghurt: "yogurt",
    yoghurts: "yogurt",
    doughnut: "donut",
    doughnuts: "donut",
    whiskey: "whisky",
    chilli: "chili",
    licence: "license",
    catalogue: "catalog",
    matt: "matte",
  }),
);

/** The singular of an English noun, spelled the American way. Takes and answers a word of small letters. */
export function lemma(word: string): string {
  return irregular.get(word) ?? spelled(singular(word));
}

function singular(word: string): string {
  if (word.length <= 3 || !word.endsWith("s") || /(?:ss|us|is)$/.test(word)) return word;
  if (word.endsWith("ies")) return word.slice(0, -1);
  return /(?:ss|sh|ch|x|zz|[^aeiou]o)es$/.test(word) ? word.slice(0, -2) : word.slice(0, -1);
}

/** One spelling for those that differ by country, and for "cookie" and "battery", whose plurals do not tell which they are of. */
function spelled(word: string): string {
  if (word.length > 4 && word.endsWith("ie")) return `${word.slice(0, -2)}y`;
  return word.replace(/(?<=.{4})is(?=(?:e|er|ed|ing)$)/, "iz");
}

/**
 * What "heated" and "heating" may come from: "heat", or "heate" as in "charge". Empty for a word that is no such form.
 * Words that share a stem are near, not equal: whoever looks for a floor lamp does not want flooring first.
 */
export function stemsOf(word: string): readonly string[] {
  const bare = word.replace(/(?:ing|ed)$/, "");
  if (bare === word || bare.length < 3 || !/[aeiouy]/.test(bare)) return [];
  const undoubled = /([bdfgmnprt])\1$/.test(bare) ? bare.slice(0, -1) : bare;
  return [undoubled, `${bare}e`];
}
