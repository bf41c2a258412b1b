import type { CardRules } from './card-entity.ts';
import { CardEntity } from './card-entity.ts';
import { isRecord } from './content.ts';
import { RestError } from './rest-error.ts';

/** All cards made with CardKit, in the order in which they came to be. */
export class CardEntities {
  readonly #rules: CardRules;
  readonly #cards = new Map<string, CardEntity>();

  constructor(rules: CardRules) {
    this.#rules = rules;
  }

  get all(): readonly CardEntity[] {
    return [...this.#cards.values()];
  }

  /** Throws RestError for a card that breaks the rules. */
  create(json: string): CardEntity {
    const card = new CardEntity(json, this.#rules);
    this.#cards.set(card.id, card);
    return card;
  }

  /** Throws RestError where there is none. */
  get(id: string): CardEntity {
    const card = this.#cards.get(id);
    if (card === undefined) throw new RestError(200740, 'ErrMsg: card is not found; ');
    return card;
  }

  /**
   * The card that the content of a message names instead of holding one; undefined where it holds one. Throws
   * RestError for a card that can't be sent, such as one that was.
   */
  namedBy(content: unknown): CardEntity | undefined {
    if (!isRecord(content) || content.type !== 'card' || !isRecord(content.data)) return undefined;
    const card = this.#cards.get(String(content.data.card_id));
    if (card === undefined || card.isExpired || card.messageId !== undefined) {
      throw new RestError(230099, 'Failed to create card content, ext=ErrCode: 11310; ErrMsg: cardid is invalid; ');
    }
    return card;
  }
}
