import type { ChatModel, ChatModelErrorCode } from '@phonework/shared/llm';
import { ChatModelError } from '@phonework/shared/llm';

/** What became of a call. */
export type ModelOutcome = 'answered' | ChatModelErrorCode;

/** `model`, with a word to `onCall` about each call when it is over. */
export function countedModel(model: ChatModel, onCall: (outcome: ModelOutcome) => void): ChatModel {
  return {
    async complete(request, options) {
      try {
        const completion = await model.complete(request, options);
        onCall('answered');
        return completion;
      } catch (error) {
        onCall(error instanceof ChatModelError ? error.code : 'unavailable');
        throw error;
      }
    },
  };
}
