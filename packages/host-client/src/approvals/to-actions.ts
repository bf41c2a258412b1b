import type { NodeMessage } from '@phonework/shared/protocol';
import { shorten } from '../texts/cut.ts';
import type { QuestionOption } from './question.ts';

const MAX_BUTTONS = 20;
const MAX_ID = 128;
const MAX_LABEL = 200;

/** A question's buttons for the frame that carries it. Throws RangeError where no frame could carry them. */
export function toActions(options: readonly QuestionOption[]): NonNullable<NodeMessage['actions']> {
  if (options.length === 0 || options.length > MAX_BUTTONS) {
    throw new RangeError(`a question has 1 to ${MAX_BUTTONS} buttons, not ${options.length}`);
  }
  return options.map(({ id, label, also = '', style }) => {
    if (id === '' || id.length > MAX_ID) throw new RangeError(`a button's id has 1 to ${MAX_ID} characters`);
    return {
      id,
      label: shorten(label, MAX_LABEL) || id,
      ...(also !== '' && { also: shorten(also, MAX_LABEL) }),
      style,
    };
  });
}
