import type { ClaudeEvent } from './claude-pipe.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a host relies on in the events of one process: their order, and of each the fields it looks at. The pieces of a
 * text are one entry, what only decorates the stream is left out, and ids are told by their kind.
 */
export function shapeOf(events: readonly ClaudeEvent[], cwd: string): unknown[] {
  const shapes: unknown[] = [];
  for (const event of events) {
    const shape = shapeOfOne(event);
    if (shape === undefined) continue;
    if (shape === TEXT_PIECES && shapes.at(-1) === TEXT_PIECES) continue;
    shapes.push(shape);
  }
  // The two run in folders of their own.
  return JSON.parse(JSON.stringify(shapes).replaceAll(cwd, '<cwd>'));
}

const TEXT_PIECES = 'pieces of text';

function shapeOfOne(event: ClaudeEvent): unknown {
  switch (event.type) {
    case 'system':
      return shapeOfSystem(event);
    case 'stream_event':
      return event.event?.delta?.type === 'text_delta' ? TEXT_PIECES : undefined;
    case 'assistant':
      return shapeOfAssistant(event);
    case 'user':
      return shapeOfUser(event);
    case 'result':
      return shapeOfResult(event);
    case 'control_request':
      return shapeOfAsk(event);
    case 'control_cancel_request':
      return { withdrawn: kind(event.request_id) };
    case 'control_response':
      return { response: event.response?.subtype, code: event.response?.error_code };
    case 'command_lifecycle':
      return { command: event.state };
    case 'conversation_reset':
      return { reset: kind(event.new_conversation_id), trigger: event.trigger };
    case 'rate_limit_event':
      return { limit: event.rate_limit_info };
    default:
      return undefined;
  }
}

function shapeOfSystem(event: ClaudeEvent): unknown {
  switch (event.subtype) {
    case 'init':
      return {
        init: { ...kinds(event, ['session_id', 'model', 'tools', 'claude_code_version']), mode: event.permissionMode },
        cwd: event.cwd,
      };
    case 'session_state_changed':
      return { state: event.state, session: kind(event.session_id) };
    case 'status':
      return event.permissionMode === undefined ? undefined : { mode: event.permissionMode };
    case 'api_retry':
      return {
        retry: [event.attempt, event.max_retries, event.error_status, event.error],
        ...kinds(event, ['retry_delay_ms']),
      };
    case 'compact_boundary':
      return { compacted: kind(event.compact_metadata) };
    default:
      return undefined;
  }
}

function shapeOfAssistant(event: ClaudeEvent): unknown {
  const { content, model } = objectOf(event.message);
  return {
    // How far a text came that was cut short is a matter of time.
    assistant: blocksOf(content).map(({ type, text, name, input }) => [
      type,
      event.aborted === true ? kind(text) : (text ?? name),
      input,
    ]),
    isSynthetic: model === '<synthetic>',
    parent: event.parent_tool_use_id,
    aborted: event.aborted,
    error: event.error,
    ...kinds(event, ['session_id', 'uuid', 'user_message_uuid', 'user_message_uuids', 'resume_reason']),
  };
}

function shapeOfUser(event: ClaudeEvent): unknown {
  const { content } = objectOf(event.message);
  if (typeof content === 'string') return { user: 'text', isReplay: event.isReplay, isSynthetic: event.isSynthetic };
  return {
    user: blocksOf(content).map(shapeOfResultBlock),
    meta: blocksOf(event.tool_result_meta).map(({ id, permission_decision: decision, ...meta }) => ({
      ...meta,
      id: kind(id),
      decision: [objectOf(decision).decision, objectOf(decision).source],
    })),
  };
}

/** A refusal's words are the program's own: only that it is one counts. */
function shapeOfResultBlock({ type, text, content, is_error: isError, tool_use_id: id }: Fields): unknown {
  const isRefusal = typeof content === 'string' && content.startsWith("The user doesn't want to proceed");
  return { type, text, content: isRefusal ? 'refused' : content, isError: isError === true, id: kind(id) };
}

function shapeOfResult(event: ClaudeEvent): unknown {
  const counted = ['user_message_uuids', 'permission_denials', 'errors'];
  const plain = [
    'subtype',
    'is_error',
    'terminal_reason',
    'result',
    'api_error_status',
    'resume_reason',
    'local_command',
  ];
  return {
    result: Object.fromEntries(plain.map((name) => [name, event[name]])),
    counts: Object.fromEntries(counted.map((name) => [name, blocksOf(event[name]).length])),
    ...kinds(event, ['session_id', 'total_cost_usd', 'num_turns', 'usage', 'user_message_uuid']),
  };
}

function shapeOfAsk(event: ClaudeEvent): unknown {
  const { tool_name: tool, input, permission_suggestions: suggestions, ...request }: Fields = event.request ?? {};
  return {
    asks: tool,
    input,
    suggestions: blocksOf(suggestions).map(({ type, destination, behavior, mode }) => ({
      ...{ type, destination, behavior, mode },
    })),
    interacts: request.requires_user_interaction,
    ...kinds(request, ['tool_use_id', 'description', 'display_name']),
    id: kind(event.request_id),
  };
}

function kinds(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, kind(fields[name])]));
}

function kind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'string' && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value)) return 'uuid';
  if (typeof value === 'string' && value.startsWith('toolu_')) return 'tool use';
  return value === null ? 'null' : typeof value;
}

function objectOf(value: unknown): Fields {
  // What is checked is that there are fields to look at; what is in them is compared.
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function blocksOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}
