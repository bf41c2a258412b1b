import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import { SessionNode } from '../fakes/session-node.ts';

/** A folder beside the projects'. */
function outside(node: SessionNode): string {
  const folder = join(dirname(node.workingDir), 'private');
  mkdirSync(folder);
  return folder;
}

describe('the folder of a session is looked at again whenever a process is started there', () => {
  test('one that has become a link to outside is refused in a sentence, and nothing is started', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    rmSync(session.cwd, { recursive: true });
    symlinkSync(outside(node), session.cwd);
    await node.tell(session, 'm1');
    expect((await node.answer('m1')).error).toBe(turnTexts.folderOutside(session.cwd, node.workingDir).en);
    expect(node.runner.asked).toEqual([]);
  });

  test('one below a link to outside is refused too', async () => {
    await using node = await SessionNode.open();
    const session = await node.session('apps/todo');
    const parent = join(node.workingDir, 'apps');
    renameSync(parent, join(outside(node), 'apps'));
    symlinkSync(join(dirname(node.workingDir), 'private', 'apps'), parent);
    await node.tell(session, 'm1');
    expect((await node.answer('m1')).error).toBe(turnTexts.folderOutside(session.cwd, node.workingDir).en);
    expect(node.runner.asked).toEqual([]);
  });

  test('one that was moved, with a link to it inside, is worked in where it is', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    const moved = join(node.workingDir, 'moved');
    renameSync(session.cwd, moved);
    symlinkSync(moved, session.cwd);
    await node.tell(session, 'm1');
    expect((await node.runner.agent()).begun.cwd).toBe(moved);
  });

  test('a conversation that was taken over runs nowhere else either', async () => {
    await using node = await SessionNode.open();
    const cwd = outside(node);
    const session = await node.disk.store.write(() =>
      node.room.manager.takeOver({ userId: 'alice', chatId: 'chat of alice' }, { conversationId: 'c1', cwd }),
    );
    if (session === undefined) throw new Error('it was not taken over');
    await node.tell(session, 'm1');
    expect((await node.answer('m1')).error).toBe(turnTexts.folderOutside(cwd, node.workingDir).en);
    expect(node.runner.asked).toEqual([]);
  });
});
