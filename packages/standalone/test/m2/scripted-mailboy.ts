import type { House } from '@phonework/testkit/house';

/** What the model of a house decides: told by the test, call by call. */
export class ScriptedMailboy {
  readonly #house: House;

  /** Where nothing else was told, the model's answer is what it was told last, such as the result of its call. */
  constructor(house: House) {
    this.#house = house;
    house.model.answerWith(({ body }) => `told: ${body.messages.at(-1)?.content ?? ''}`);
  }

  /** All that the model was asked so far: a request for each of its answers. */
  get requests(): number {
    return this.#house.model.requests.length;
  }

  /** What the model was told last. */
  get told(): string {
    return this.#house.model.requests.at(-1)?.body.messages.at(-1)?.content ?? '';
  }

  /** Its next answer is this call, and the one after it what came of that. */
  calls(name: string, given: Readonly<Record<string, unknown>>): void {
    this.#house.model.enqueue({ toolCalls: [{ name, arguments: given }] });
  }

  /** Its next answer is this text. */
  says(text: string): void {
    this.#house.model.enqueue(text);
  }
}
