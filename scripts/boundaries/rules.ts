/**
 * Who may import whom, in one table. A file belongs to the first zone whose prefix it has; what a zone does not name, it may not import.
 * Every import counts: values, types, `export … from` and `import()`.
 */
export interface Zone {
  /** Path of a folder or file from the root. */
  readonly prefix: string;
  /** Zones (by prefix) and packages that may be imported. */
  readonly may: readonly string[];
  /** Packages of which only types may be imported. */
  readonly typesOnly?: readonly string[];
  /** The one file through which others come in; without it every file may be imported. Tests also enter by a `testing` folder. */
  readonly door?: string;
  /** What its tests may import on top of what all tests may. */
  readonly testsMay?: readonly string[];
}

const services = "apps/core/src/services";
const platform = "apps/core/src/platform";
const models = ["@stoa/kernel", "@stoa/read-models", "@stoa/runtime"];
const tests = ["apps/core/src/testing"];

const service = (name: string, others: readonly string[]): Zone => ({
  prefix: `${services}/${name}`,
  may: [...others.map((other) => `${services}/${other}`), platform, ...models],
  door: `${services}/${name}/index.ts`,
});

/** The services, and which of the others each may ask. */
const serviceZones = [
  service("orders", ["carts", "inventory", "payments"]),
  service("carts", ["catalog", "inventory"]),
  service("users", []),
  service("catalog", []),
  service("inventory", []),
  service("payments", []),
];
const allServices = serviceZones.map((zone) => zone.prefix);

const core = (part: string, may: readonly string[]): Zone => ({
  prefix: `apps/core/src/${part}`,
  may: [...may, ...models],
});

export const zones: readonly Zone[] = [
  ...serviceZones,
  core("platform", []),
  core("projections", [platform, ...allServices]),
  { ...core("notifications", [platform]), door: "apps/core/src/notifications/index.ts" },
  core("rpc", [platform, "apps/core/src/notifications", ...allServices]),
  core("webhooks", [platform, ...allServices]),
  core("testing", [platform, ...allServices, "@stoa/devstack"]),
  {
    prefix: "apps/core",
    may: ["apps/core/src", platform, ...allServices, ...models, ...partsOfCore(), "@stoa/verifier"],
  },
  { prefix: "apps/edge", may: ["@stoa/contract", ...models], typesOnly: ["@stoa/core"] },
  { prefix: "apps/admin-web", may: ["@stoa/kernel"], typesOnly: ["@stoa/core"] },
  { prefix: "packages/kernel", may: [] },
  { prefix: "packages/read-models", may: ["@stoa/kernel"] },
  { prefix: "packages/runtime", may: ["@stoa/kernel"] },
  { prefix: "packages/contract", may: ["@stoa/kernel"] },
  { prefix: "packages/devstack", may: ["@stoa/kernel", "@stoa/runtime"], testsMay: ["@stoa/read-models"] },
  // The verifier shares no code with what it verifies, not even the kernel.
  { prefix: "packages/verifier", may: [] },
  {
    prefix: "tests/faults",
    may: ["tests", "@stoa/contract", "@stoa/core", "@stoa/devstack", "@stoa/kernel", "@stoa/verifier"],
  },
  { prefix: "tests/contract", may: ["tests", "@stoa/contract", "@stoa/devstack", "@stoa/kernel", "@stoa/verifier"] },
  // Staff sign in as in the tests of the contract.
  { prefix: "tests/load", may: ["tests", "tests/contract", "@stoa/devstack", "@stoa/kernel"] },
  { prefix: "tests", may: ["@stoa/contract", "@stoa/devstack", "@stoa/kernel"] },
  { prefix: "scripts", may: ["@stoa/devstack", "@stoa/kernel"] },
];

/** What a test beside the code may use on top of what its zone may. */
export const testsMay: readonly string[] = [...tests, "@stoa/devstack"];

function partsOfCore(): string[] {
  return ["projections", "notifications", "rpc", "webhooks"].map((part) => `apps/core/src/${part}`);
}
