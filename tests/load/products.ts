/** Products for a load run, as lines of an import file: plenty of stock, one variant each. */
export function loadProducts(count: number): string {
  const lines = Array.from({ length: count }, (_, n) => ({
    id: `load-${n}`,
    title: `Load product ${n} ${["lamp", "table", "green", "paper"][n % 4]}`,
    description: "Stands in a shop that is being measured, and is bought over and over. ".repeat(6),
    brand: ["Ferrow", "Almby", "Tidewell"][n % 3],
    category_path: ["Load", `Shelf ${n % 12}`],
    currency: "USD",
    price_cents: 1_000 + (n % 50) * 100,
    attributes: { material: ["Oak", "Steel", "Linen"][n % 3], size: n % 7 },
    variants: [{ sku: `LOAD-${n}`, options: {}, stock: 1_000_000 }],
  }));
  return lines.map((line) => JSON.stringify(line)).join("\n");
}
