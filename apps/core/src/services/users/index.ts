export { createAddress, listAddresses } from "./addresses.ts";
export { createStorefrontOrigins, findMachine, type KeyRing, readKeyRing } from "./api-keys.ts";
export { withCode } from "./auth-answers.ts";
export { customerFieldsOf, heldByCustomers, livingCustomers } from "./customer-fields.ts";
export { readProfile } from "./customers.ts";
export { forgetSessions } from "./end-sessions.ts";
export { type EraseCustomer, eraseCustomer } from "./erase-customer.ts";
export { erasedLately } from "./erased-lately.ts";
export { findAccount } from "./find-account.ts";
export { accessOf, findCustomer, isKnownCustomer } from "./find-customer.ts";
export { groupsOf } from "./groups.ts";
export type { IdentityProviders } from "./identity-providers.ts";
export { noteKeyUses } from "./note-key-uses.ts";
export { recoverStaff } from "./recover-staff.ts";
export { defaultRoles } from "./roles.ts";
export { createUsersRouter, type UsersDeps } from "./router.ts";
export {
  type AccountLink,
  CLIENT_IP_HEADER,
  createShopAuth,
  type SendAccountMail,
  SHOP_AUTH_PATH,
  type ShopAuth,
} from "./shop-auth.ts";
export type { OnThrottled, Throttled } from "./sign-in-throttle.ts";
export { addStaff, findStaff, type NewStaff, newStaffSchema } from "./staff.ts";
export { createStaffAuth, STAFF_AUTH_PATH, type StaffAuth } from "./staff-auth.ts";
