import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ChatModelError } from '@phonework/shared/llm';
import type { Logger } from '@phonework/shared/log';
import { createLogger } from '@phonework/shared/log';
import { openaiChatModel } from '@phonework/shared/openai';
import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';
import { MailboyAgent } from '../../../packages/host-client/src/mailboy/agent.ts';
import type { Tool } from '../../../packages/host-client/src/tools/tool.ts';
import type { OpenDoor } from '../door.ts';
import { defineDoor, expectThat } from '../door.ts';
import { jsonOf, mutated, strangeText, strangeValue, textOf } from '../strange.ts';

/** What a model answers, and the server in front of it: the mailboy's turn ends in words for its user in any case. */
export const modelStreams = defineDoor({ name: 'model-streams', share: 4, open });

/** The answer to each request of a turn; the last one is also that to all others. */
type Answer = { readonly status: number; readonly type: string; readonly body: string; readonly isCut: boolean };

const maxRounds = 4;

async function open(): Promise<OpenDoor<readonly Answer[]>> {
  const server = await ModelStandIn.start();
  const logger = await createLogger({ name: 'siege', level: 'silent', secrets: [], terminal: false });
  const agent = createAgent(server.url, logger);
  return {
    cases: fc.array(answers(), { minLength: 1, maxLength: 4 }),
    async meet(script) {
      server.script = [...script];
      expectThat((await turn(agent)).trim() !== '', 'an empty answer');
    },
    async serves() {
      server.script = [{ status: 200, type: 'text/event-stream', body: `${sse(said('fine'))}${end}`, isCut: false }];
      expectThat((await turn(agent)).endsWith('fine'), 'no answer');
    },
    close: async () => await server.close(),
  };
}

/** The words for the user: an answer, or why there is none. */
async function turn(agent: MailboyAgent): Promise<string> {
  try {
    const { reply } = await agent.run({
      userId: 'ou_alice',
      chatId: 'oc_1',
      turnId: 't',
      text: 'hello',
      history: [],
      signal: AbortSignal.timeout(10_000),
      onProgress: () => {},
      beforeEffect: async () => {},
      afterEffects: () => {},
    });
    return reply;
  } catch (error) {
    if (error instanceof ChatModelError) return error.message;
    throw error;
  }
}

function createAgent(baseUrl: string, logger: Logger): MailboyAgent {
  const timings = { firstTokenMs: 300, betweenTokensMs: 300, totalMs: 900, retryBaseMs: 1, maxAttempts: 2 };
  const model = openaiChatModel({ baseUrl, apiKey: 'key', model: 'm', logger, timings });
  const tools = ['run_shell', 'file_ops'].map(toolCalled);
  return new MailboyAgent({ model, tools, systemPrompt: () => 's', languageOf: () => 'en', maxRounds, logger });
}

function toolCalled(name: string): Tool {
  const parameters = { type: 'object', properties: { command: { type: 'string' } } };
  return {
    spec: { name, description: 'Does something.', parameters },
    async call(rawArguments) {
      const value: unknown = JSON.parse(rawArguments);
      return `done ${JSON.stringify(value)}`;
    },
  };
}

function answers(): Arbitrary<Answer> {
  const pieces = textOf(
    [
      ...['<tool_call>', '</tool_call>', 'run_shell', '{"name":"run_shell","arguments":{}}', '<arg_key>', '</arg_key>'],
      ...[
        '<arg_value>',
        '</arg_value>',
        '<think>',
        '</think>',
        'word ',
        '\n',
        '<',
        '<tool',
        '```',
        '中文',
        '🦊',
        '\ud83e',
      ],
    ],
    8,
  );
  const call = fc.record(
    {
      index: fc.oneof(fc.nat(3), strangeValue),
      id: fc.oneof(fc.constantFrom('call_1', 'call_2'), strangeText),
      type: fc.constant('function'),
      function: fc.record(
        {
          name: fc.oneof(fc.constantFrom('run_shell', 'file_ops', 'invented'), strangeText),
          arguments: fc.oneof(
            fc.constantFrom('{"command":', '"ls"}', '{}', '', '{'),
            strangeText,
            jsonOf(strangeValue),
          ),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );
  const delta = fc.oneof(
    pieces.map((content) => ({ content })),
    pieces.map((content) => ({ reasoning_content: content })),
    fc.array(call, { maxLength: 3 }).map((calls) => ({ tool_calls: calls })),
  );
  const finish = fc.constantFrom(null, null, 'stop', 'tool_calls', 'length', 'content_filter', 'strange');
  const chunk = fc.tuple(delta, finish).map(([content, reason]) => chunkOf(content, reason));
  const data = fc.oneof(
    { weight: 5, arbitrary: chunk.map((value) => JSON.stringify(value)) },
    { weight: 2, arbitrary: jsonOf(mutated(chunk)) },
  );
  const events = fc.array(data, { maxLength: 8 }).map((all) => all.map(sse).join(''));
  const streams = fc
    .tuple(events, fc.constantFrom(end, end, '', 'data: [DONE]\n\n'), fc.boolean(), fc.nat(9))
    .map(toStream);
  const other = fc.record({
    status: fc.constantFrom(200, 204, 400, 401, 404, 429, 500, 503),
    type: fc.constantFrom('application/json', 'text/event-stream', 'text/html'),
    body: fc.oneof(
      jsonOf(fc.constant({ error: { message: 'x', code: '1301' } })),
      strangeText,
      pieces.map((text) => text.repeat(2000)),
    ),
    isCut: fc.boolean(),
  });
  return fc.oneof({ weight: 6, arbitrary: streams }, { weight: 1, arbitrary: other });
}

function toStream([body, ending, isCut, chance]: readonly [string, string, boolean, number]): Answer {
  return { status: 200, type: 'text/event-stream', body: body + ending, isCut: isCut && chance === 0 };
}

function chunkOf(delta: unknown, reason: unknown): unknown {
  return {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 0,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: reason }],
  };
}

function said(content: string): string {
  return JSON.stringify(chunkOf({ content }, null));
}

function sse(data: string): string {
  return `data: ${data}\n\n`;
}

const end = `${sse(JSON.stringify(chunkOf({}, 'stop')))}data: [DONE]\n\n`;

/** Answers with the script, and keeps no request. */
class ModelStandIn {
  script: Answer[] = [];
  readonly #http: Server = createServer((request, response) => {
    request.resume();
    const answer = this.script.length > 1 ? this.script.shift() : this.script[0];
    if (answer === undefined) throw new Error('there is no script');
    response.writeHead(answer.status, { 'content-type': answer.type });
    if (answer.isCut) response.write(answer.body, () => response.destroy());
    else response.end(answer.body);
  });

  static async start(): Promise<ModelStandIn> {
    const server = new ModelStandIn();
    server.#http.listen(0, '127.0.0.1');
    await once(server.#http, 'listening');
    return server;
  }

  get url(): string {
    // It listens on TCP, so this is no pipe's name.
    const { port } = this.#http.address() as AddressInfo;
    return `http://127.0.0.1:${port}/v1/`;
  }

  async close(): Promise<void> {
    this.#http.close();
    this.#http.closeAllConnections();
    await once(this.#http, 'close');
  }
}
