import type { CardEntity, CardOperation } from './card-entity.ts';
import { isRecord } from './content.ts';
import { RestError } from './rest-error.ts';
import type { Platform, Route, RouteAnswer, RouteCall } from './route.ts';
import { textField } from './route.ts';

const card = '/cardkit/v1/cards/:card_id';

export const cardkitRoutes: readonly Route[] = [
  { method: 'POST', path: '/cardkit/v1/cards', answer: createCard },
  { method: 'PUT', path: card, answer: updateCard },
  { method: 'PATCH', path: `${card}/settings`, answer: changeSettings },
  { method: 'PUT', path: `${card}/elements/:element_id/content`, answer: streamText },
];

function createCard({ cards }: Platform, { body }: RouteCall): RouteAnswer {
  return { data: { card_id: cards.create(cardJson(body)).id } };
}

function updateCard(platform: Platform, call: RouteCall): RouteAnswer {
  const { card } = call.body;
  const json = cardJson(isRecord(card) ? card : {});
  cardOf(platform, call).replace(json, operationOf(call));
  return { data: {} };
}

function changeSettings(platform: Platform, call: RouteCall): RouteAnswer {
  const settings = textField(call.body, 'settings');
  cardOf(platform, call).configure(settings, operationOf(call));
  return { data: {} };
}

function streamText(platform: Platform, call: RouteCall): RouteAnswer {
  const { content } = call.body;
  if (typeof content !== 'string') throw new RestError(99992402, 'field validation failed: content');
  cardOf(platform, call).streamText(call.path.element_id ?? '', content, operationOf(call));
  return { data: {} };
}

/** The card that is to be changed, if that may happen now. */
function cardOf({ cards, rates }: Platform, { path }: RouteCall): CardEntity {
  const card = cards.get(path.card_id ?? '');
  rates.changeCard(card.id);
  return card;
}

function cardJson(body: RouteCall['body']): string {
  if (body.type !== 'card_json') throw new RestError(99992402, 'field validation failed: type');
  return textField(body, 'data');
}

function operationOf({ body: { sequence, uuid } }: RouteCall): CardOperation {
  if (typeof sequence !== 'number' || !Number.isInteger(sequence)) {
    throw new RestError(99992402, 'field validation failed: sequence');
  }
  if (uuid === undefined || uuid === '') return { sequence };
  if (typeof uuid !== 'string' || uuid.length > 64) throw new RestError(99992402, 'field validation failed: uuid');
  return { sequence, uuid };
}
