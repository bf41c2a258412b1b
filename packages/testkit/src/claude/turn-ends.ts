import { randomUUID } from 'node:crypto';
import type { ApiFailure } from './api-failures.ts';
import type { Json } from './json.ts';
import type { Turn } from './turn.ts';

/** The result of a turn that came to its end. */
export function completeTurn(turn: Turn): Json {
  return {
    stop_reason: 'end_turn',
    permission_denials: turn.denials,
    terminal_reason: 'completed',
    is_error: false,
    num_turns: turn.apiCalls,
    subtype: 'success',
    api_error_status: null,
    result: turn.text,
    ...turn.origin,
  };
}

/** Says in the model's place why there is no answer; a result of the subtype "success", as in the real program. */
export function failTurn(turn: Turn, failure: ApiFailure): Json {
  const content = [{ type: 'text', text: failure.message }];
  const message = { id: randomUUID(), type: 'message', role: 'assistant', model: '<synthetic>', content };
  const ended = { ...message, stop_reason: 'stop_sequence', stop_sequence: '' };
  turn.parts.conversation.addAssistant(ended, randomUUID());
  turn.parts.output.event({
    type: 'assistant',
    message: ended,
    parent_tool_use_id: null,
    is_api_error_message: true,
    ...failure.fields,
    ...turn.origin,
  });
  const { error: _, ...fields } = failure.fields;
  return {
    stop_reason: 'stop_sequence',
    permission_denials: turn.denials,
    terminal_reason: 'api_error',
    is_error: true,
    num_turns: 1,
    subtype: 'success',
    api_error_status: null,
    ...fields,
    result: failure.message,
    ...turn.origin,
  };
}

/** Says that the user has interrupted. */
export function stopTurn(turn: Turn): Json {
  const text = turn.isUsingTool ? '[Request interrupted by user for tool use]' : '[Request interrupted by user]';
  turn.parts.conversation.addInterruption(text);
  const message = { role: 'user', content: [{ type: 'text', text }] };
  turn.parts.output.event({ type: 'user', message, parent_tool_use_id: null, timestamp: new Date().toISOString() });
  return {
    stop_reason: turn.isUsingTool ? 'tool_use' : null,
    permission_denials: turn.denials,
    terminal_reason: turn.isUsingTool ? 'aborted_tools' : 'aborted_streaming',
    is_error: true,
    num_turns: turn.apiCalls + 1,
    subtype: 'error_during_execution',
    errors: ['[ede_diagnostic] result_type=user last_content_type=n/a stop_reason=null'],
    ...turn.origin,
  };
}
