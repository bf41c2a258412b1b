/** The turn was ended on purpose, by the user or by a signal. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
}
