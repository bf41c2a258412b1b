import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { askWhenTainted } from '../../src/tools/ask-when-tainted.ts';
import { defineTool } from '../../src/tools/tool.ts';
import { ApprovalDesk, labelsOf } from '../fakes/approval-desk.ts';

/** A tool that notes what it was told to do. */
function noteTool(desk: ApprovalDesk) {
  const notes: string[] = [];
  const tool = defineTool({
    name: 'note',
    description: 'Takes a note.',
    parameters: z.object({ text: z.string() }),
    async run({ text }) {
      notes.push(text);
      return 'noted';
    },
  });
  const guarded = askWhenTainted(tool, desk.shell(), (given) => given?.text !== 'nothing');
  return { guarded, notes };
}

describe('a tool with effects', () => {
  test('is not asked about in a turn that no stranger had a say in', async () => {
    await using desk = await ApprovalDesk.open();
    const { guarded, notes } = noteTool(desk);
    await guarded.call('{"text":"milk"}', desk.turn());
    expect(notes).toEqual(['milk']);
    expect(desk.asked).toEqual([]);
  });

  test('is asked about after content from the web, with all that it was told', async () => {
    await using desk = await ApprovalDesk.open();
    const { guarded, notes } = noteTool(desk);
    const turn = desk.turn();
    turn.taint.mark('content from the web');
    const denied = guarded.call('{"text":"``` \\u202e evil"}', turn);
    const question = await desk.question();
    expect(question.text).toContain('use `note` on **home-pc**');
    expect(question.text).toContain('````json\n{\n  "text": "``` [U+202E] evil"\n}\n````');
    expect(question.text).toContain('has read content from the web');
    expect(labelsOf(question)).toEqual(['Allow once', 'Deny']);
    await desk.press(question, 'deny');
    await expect(denied).rejects.toMatchObject({ name: 'ToolError' });
    expect(notes).toEqual([]);
    const allowed = guarded.call('{"text":"milk"}', turn);
    await desk.press(await desk.question(2), 'allow_once');
    expect(await allowed).toBe('noted');
    expect(notes).toEqual(['milk']);
  });

  test('is not asked about where the call has none', async () => {
    await using desk = await ApprovalDesk.open();
    const { guarded } = noteTool(desk);
    const turn = desk.turn();
    turn.taint.mark('content from the web');
    expect(await guarded.call('{"text":"nothing"}', turn)).toBe('noted');
  });

  test('is refused where its arguments are too much to be shown', async () => {
    await using desk = await ApprovalDesk.open();
    const { guarded, notes } = noteTool(desk);
    const turn = desk.turn();
    turn.taint.mark('content from the web');
    await expect(guarded.call(JSON.stringify({ text: 'x'.repeat(500_000) }), turn)).rejects.toThrow(/too long/);
    expect(notes).toEqual([]);
    expect(desk.asked).toEqual([]);
  });
});
