/** Every address of the dashboard, built in one place. */
export const paths = {
  signIn: "/sign-in",
  orders: "/orders",
  order: (id: string) => `/orders/${id}`,
  products: "/products",
  product: (id: string) => `/products/${id}`,
  stock: "/stock",
  system: "/system",
} as const;
