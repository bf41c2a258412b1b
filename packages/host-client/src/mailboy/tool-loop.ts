import type { Language } from '@phonework/shared/language';
import type { ChatCompletion, ChatMessage, ChatModel, ToolCall } from '@phonework/shared/llm';
import { ChatModelError } from '@phonework/shared/llm';
import type { Taint } from '../taint.ts';
import { createTaint } from '../taint.ts';
import { texts } from '../texts.ts';
import { agentTexts, notes, notRun } from './agent-texts.ts';
import type { MailboyAnswer, MailboyTurn } from './mailboy-turn.ts';
import type { Toolbox } from './toolbox.ts';
import { toRemembered, toStep } from './toolbox.ts';

/** Calling the same tool in the same way this often in a row leads nowhere. */
const maxRepeats = 3;

export type ToolLoopOptions = {
  readonly model: ChatModel;
  readonly toolbox: Toolbox;
  /** The system prompt and earlier turns. */
  readonly before: readonly ChatMessage[];
  readonly maxRounds: number;
  /** What the loop itself says is remembered as well: in the language of the conversation. */
  readonly language: Language;
};

/** One turn of the mailboy: the model is asked, its tools are called, until it has an answer. */
export class ToolLoop {
  readonly #options: ToolLoopOptions;
  readonly #turn: MailboyTurn;
  /** What is remembered of the turn: always in an order that the API takes. */
  readonly #messages: ChatMessage[];
  /** What the model said to the user so far, beside its tool calls. */
  readonly #said: string[] = [];
  readonly #taint: Taint;
  /** What only the next request gets to see. */
  #notes: readonly ChatMessage[] = [];
  #wasReasked = false;
  #lastCall = '';
  #repeats = 0;

  constructor(turn: MailboyTurn, options: ToolLoopOptions) {
    this.#options = options;
    this.#turn = turn;
    this.#messages = [{ role: 'user', content: turn.text }];
    this.#taint = createTaint(turn.text);
    markWhatWasSeen(this.#taint, options);
  }

  async run(): Promise<MailboyAnswer> {
    const { maxRounds, language } = this.#options;
    for (let round = 1; round <= maxRounds; round += 1) {
      const completion = await this.#ask();
      const last =
        completion.toolCalls.length > 0
          ? await this.#callTools(completion, round === maxRounds)
          : this.#listen(completion);
      if (last !== undefined) return this.#end(last);
    }
    return this.#end(agentTexts.tooManyRounds(maxRounds)[language]);
  }

  async #ask(): Promise<ChatCompletion> {
    const { model, toolbox, before } = this.#options;
    const { signal, onProgress } = this.#turn;
    const request = { messages: [...before, ...this.#messages, ...this.#notes], tools: toolbox.specs };
    this.#notes = [];
    const completion = await model.complete(request, {
      signal,
      onText: (text) => onProgress(joined([...this.#said, text])),
    });
    this.#checkAborted();
    return completion;
  }

  /** Takes an answer in words. Returns the last words to the user, or undefined to ask once more. */
  #listen({ text, malformed, finish }: ChatCompletion): string | undefined {
    const isUsable = text !== '' && malformed !== true;
    if (!isUsable && !this.#wasReasked) {
      const note = malformed === true ? notes.unreadableCall : notes.empty;
      this.#notes = [...assistant(text), { role: 'user', content: note }];
      this.#wasReasked = true;
      return undefined;
    }
    const { language } = this.#options;
    if (malformed === true) return joined([text, agentTexts.unreadableCall[language]]);
    if (text === '') return agentTexts.emptyAnswer[language];
    return finish === 'length' ? joined([text, agentTexts.cutAnswer[language]]) : text;
  }

  /**
   * Runs the calls in order; each has a result in any case. Returns the last words to the user where the turn ends
   * here.
   */
  async #callTools(completion: ChatCompletion, isLastRound: boolean): Promise<string | undefined> {
    const { text, toolCalls, finish, malformed } = completion;
    this.#wasReasked = false;
    this.#say(text);
    this.#messages.push({ role: 'assistant', content: text, toolCalls: toolCalls.map(toRemembered) });
    if (malformed === true) this.#notes = [{ role: 'user', content: notes.unreadableCall }];
    let stopped = isLastRound ? agentTexts.tooManyRounds(this.#options.maxRounds) : undefined;
    for (const call of toolCalls) {
      if (stopped === undefined && this.#isRepeatedTooOften(call)) stopped = agentTexts.repeating(call.name);
      let content: string;
      if (stopped !== undefined) content = notRun.stopped;
      else content = finish === 'length' ? notRun.cut : await this.#call(call);
      this.#messages.push({ role: 'tool', toolCallId: call.id, content });
    }
    return stopped?.[this.#options.language];
  }

  async #call(call: ToolCall): Promise<string> {
    this.#checkAborted();
    const { userId, chatId, turnId, signal, onProgress, beforeEffect, afterEffects } = this.#turn;
    onProgress(joined(this.#said), toStep(call));
    try {
      const { content, outcome } = await this.#options.toolbox.call(call, {
        userId,
        chatId,
        turnId,
        signal,
        beforeEffect,
        taint: this.#taint,
      });
      afterEffects(outcome);
      return content;
    } catch (cause) {
      throw aborted(cause);
    }
  }

  #isRepeatedTooOften({ name, arguments: text }: ToolCall): boolean {
    const call = `${name} ${canonical(text)}`;
    this.#repeats = call === this.#lastCall ? this.#repeats + 1 : 1;
    this.#lastCall = call;
    return this.#repeats >= maxRepeats;
  }

  #say(text: string): void {
    if (text !== '' && text !== this.#said.at(-1)) this.#said.push(text);
  }

  #end(last: string): MailboyAnswer {
    this.#say(last);
    this.#messages.push(...assistant(last));
    return { reply: joined(this.#said), messages: this.#messages };
  }

  #checkAborted(): void {
    if (this.#turn.signal.aborted) throw aborted(this.#turn.signal.reason);
  }
}

/** The model still sees what strangers wrote in earlier turns. */
function markWhatWasSeen(taint: Taint, { before, toolbox }: ToolLoopOptions): void {
  const untrusted = new Set<string>();
  for (const message of before) {
    if (message.role === 'assistant') {
      for (const { id, name } of message.toolCalls ?? []) if (toolbox.isUntrusted(name)) untrusted.add(id);
    }
    if (message.role === 'tool' && untrusted.has(message.toolCallId)) {
      taint.mark(agentTexts.seenEarlier, message.content);
    }
  }
}

function aborted(cause: unknown): ChatModelError {
  return new ChatModelError('aborted', texts.stopped, { cause });
}

function assistant(content: string): ChatMessage[] {
  return content === '' ? [] : [{ role: 'assistant', content }];
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}

/** Arguments as text that does not depend on spaces. */
function canonical(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text.trim();
  }
}
