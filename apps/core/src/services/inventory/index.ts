export * from "./adjust-stock.ts";
export * from "./check-stock.ts";
export * from "./commit-reservation.ts";
export * from "./end-allocations.ts";
export * from "./expire-reservations.ts";
export * from "./extend-reservation.ts";
export * from "./find-allocations.ts";
export { heldByLocations } from "./location-fields.ts";
export * from "./locations.ts";
export { lockUnits } from "./lock-units.ts";
export * from "./messages.ts";
export type { StockContext } from "./post-movements.ts";
export * from "./queries.ts";
export * from "./read-availability.ts";
export { type ReservationRef, releaseReservation } from "./release-reservation.ts";
export {
  outOfStock,
  type ReserveLine,
  type ReserveStock,
  reserveStock,
  type StockHolder,
  tryReserveStock,
} from "./reserve-stock.ts";
export { createInventoryRouter } from "./router.ts";
export * from "./set-stock-levels.ts";
export * from "./set-stock-policies.ts";
export type { InventoryRouterDeps } from "./staff-write.ts";
export { type Availability, type Shortage, STOCK_UNITS_MAX, type StockLine, type StockPolicy } from "./stock.ts";
export * from "./stock-alerts.ts";
export * from "./verify-stock.ts";
