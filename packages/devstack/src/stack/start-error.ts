/** Something a person has to change before the stack can start. The message is one whole sentence that says what. */
export class StartError extends Error {
  override readonly name = "StartError";
}
