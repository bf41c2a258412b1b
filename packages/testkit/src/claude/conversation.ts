import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Message } from './input-line.ts';
import type { Json } from './json.ts';
import { isJson, parseJson, textOf } from './json.ts';
import { VERSION } from './version.ts';

/**
 * A conversation on disk, in rows like the real ones, and what is remembered of it. The real program writes its rows
 * some 100 ms late; here a row is written before the event that tells of it.
 */
export class Conversation {
  readonly id: string;
  /** What the user asked, oldest first. */
  readonly prompts: string[] = [];
  /** The message whose turn has not ended. */
  cut: Message | undefined;
  costUsd = 0;
  model: string | undefined;
  readonly #file: string;
  #last: string | null = null;

  private constructor(id: string, file: string) {
    this.id = id;
    this.#file = file;
  }

  /** Nothing is on disk before the first row. */
  static begin(configFolder: string, id: string): Conversation {
    const folder = join(configFolder, 'projects', process.cwd().replace(/[^A-Za-z0-9]/g, '-'));
    return new Conversation(id, join(folder, `${id}.jsonl`));
  }

  /** Looks in all folders, as the real program does. */
  static find(configFolder: string, id: string): Conversation | undefined {
    const projects = join(configFolder, 'projects');
    if (!existsSync(projects)) return undefined;
    const file = readdirSync(projects)
      .map((folder) => join(projects, folder, `${id}.jsonl`))
      .find((path) => existsSync(path));
    if (file === undefined) return undefined;
    const conversation = new Conversation(id, file);
    for (const line of readFileSync(file, 'utf8').split('\n')) conversation.#recall(parseJson(line) ?? {});
    return conversation;
  }

  addPrompt({ uuid, text }: Message, permissionMode: string): void {
    this.#add({ type: 'user', message: { role: 'user', content: text }, permissionMode }, uuid);
  }

  addAssistant(message: Json, uuid: string): void {
    this.#add({ type: 'assistant', message }, uuid);
  }

  addToolResult(content: readonly Json[], toolUseResult: unknown): void {
    this.#add({ type: 'user', message: { role: 'user', content }, toolUseResult }, randomUUID());
  }

  addInterruption(text: string): void {
    this.#add({ type: 'user', message: { role: 'user', content: [{ type: 'text', text }] } }, randomUUID());
  }

  /** The rows with which a conversation begins after `/clear`. */
  addClearing(uuid: string): void {
    const caveat = 'The command below was run directly in Claude Code, not sent to you as a request.';
    const content = `<local-command-caveat>${caveat}</local-command-caveat>`;
    this.#add({ type: 'user', message: { role: 'user', content }, isMeta: true }, randomUUID());
    const command = '<command-name>/clear</command-name>\n            <command-message>clear</command-message>';
    this.#add({ type: 'user', message: { role: 'user', content: command } }, uuid);
  }

  addCompaction(summary: string): void {
    this.#add({ type: 'system', subtype: 'compact_boundary', content: 'Conversation compacted' }, randomUUID());
    const message = { role: 'user', content: summary };
    this.#add({ type: 'user', message, isVisibleInTranscriptOnly: true, isCompactSummary: true }, randomUUID());
  }

  endTurn(costUsd: number): void {
    this.#append({ type: 'cost-state', sessionId: this.id, totalCostUSD: costUsd });
    this.#recall({ type: 'cost-state', totalCostUSD: costUsd });
  }

  #add(row: Json, uuid: string): void {
    const whole = {
      parentUuid: this.#last,
      isSidechain: false,
      ...row,
      uuid,
      timestamp: new Date().toISOString(),
      userType: 'external',
      entrypoint: process.env.CLAUDE_CODE_ENTRYPOINT ?? 'sdk-cli',
      cwd: process.cwd(),
      sessionId: this.id,
      version: VERSION,
      gitBranch: 'HEAD',
    };
    this.#append(whole);
    this.#recall(whole);
  }

  #append(row: Json): void {
    mkdirSync(join(this.#file, '..'), { recursive: true });
    appendFileSync(this.#file, `${JSON.stringify(row)}\n`, { mode: 0o600 });
  }

  #recall(row: Json): void {
    if (typeof row.uuid === 'string') this.#last = row.uuid;
    if (row.type === 'cost-state') {
      this.costUsd = Number(row.totalCostUSD);
      this.cut = undefined;
    }
    if (!isJson(row.message)) return;
    const { content, model } = row.message;
    if (row.type === 'assistant' && model !== '<synthetic>') this.model = textOf(model);
    if (row.type === 'user' && typeof content === 'string') this.#recallText(row, content);
  }

  #recallText(row: Json, content: string): void {
    if (row.isCompactSummary === true) this.prompts.splice(0, this.prompts.length, content);
    else if (row.isMeta !== true && !content.startsWith('<command-name>')) {
      this.prompts.push(content);
      // What came while the turn ran is a part of it.
      this.cut ??= { uuid: textOf(row.uuid), text: content };
    }
  }
}
