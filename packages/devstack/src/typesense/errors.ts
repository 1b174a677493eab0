/** A refusal as Typesense answers it: `{ "message": … }` under this HTTP status. */
export class TypesenseError extends Error {
  override readonly name = "TypesenseError";

  constructor(
    readonly status: 400 | 401 | 404 | 409 | 413 | 422 | 503,
    message: string,
  ) {
    super(message);
  }
}

export const malformed = (message: string) => new TypesenseError(400, message);
export const notFound = (message = "Not Found") => new TypesenseError(404, message);
export const conflict = (message: string) => new TypesenseError(409, message);
/** What real Typesense can do and this stand-in cannot: said, not guessed. */
export const unsupported = (what: string) =>
  new TypesenseError(400, `The embedded Typesense does not support ${what}; set TYPESENSE_URL to use a real one.`);
