import { describe, expect, test } from 'vitest';
import { NodeConnection } from '../../src/nodes/connection.ts';
import type { KnownNode } from '../../src/nodes/registry.ts';
import { route } from '../../src/routing/route.ts';

// Routing only looks at whether there is one; none is ever used.
const connection: NodeConnection = Object.create(NodeConnection.prototype);

function node(nodeId: string, more: Partial<KnownNode> = {}): KnownNode {
  return {
    nodeId,
    displayName: nodeId,
    servesUsers: new Set(['ou_alice']),
    connection,
    sessions: [],
    tasks: 0,
    lastSeenAt: 0,
    ...more,
  };
}

const homePc = node('home-pc', { displayName: 'Study' });
const workServer = node('work-server');
const offline = { connection: undefined };

describe('a message without a name', () => {
  test('goes to the only node, also when it is offline', () => {
    expect(route('hello', [homePc])).toEqual({ kind: 'node', node: homePc, text: 'hello' });
    const away = node('home-pc', offline);
    expect(route('hello', [away])).toEqual({ kind: 'node', node: away, text: 'hello' });
  });

  test('goes to the only one that is online', () => {
    expect(route('hello', [node('home-pc', offline), workServer])).toMatchObject({ node: workServer });
  });

  test('goes nowhere without a node, and asks which one where there are several', () => {
    expect(route('hello', [])).toEqual({ kind: 'none' });
    expect(route('hello', [homePc, workServer])).toEqual({ kind: 'ambiguous', names: ['home-pc', 'work-server'] });
  });
});

describe('a message that begins with @name', () => {
  const nodes = [homePc, workServer];

  test.each([
    '@work-server do it',
    '@work-server: do it',
    '@work-server, do it',
    '@work-server，do it',
    '@WORK-Server\ndo it',
  ])('goes to that node, without the name: %j', (text) => {
    expect(route(text, nodes)).toEqual({ kind: 'node', node: workServer, text: 'do it' });
  });

  test('may name it by its display name, or by how its name begins', () => {
    expect(route('@study do it', nodes)).toMatchObject({ node: homePc });
    expect(route('@work do it', nodes)).toMatchObject({ node: workServer });
  });

  test('goes to a node that is named, also when it is offline and another is not', () => {
    const away = node('home-pc', offline);
    expect(route('@home-pc do it', [away, workServer])).toMatchObject({ node: away });
  });

  test('is not guessed at: an unknown name, and a beginning that fits two, are asked about', () => {
    expect(route('@laptop do it', nodes)).toEqual({
      kind: 'unknown',
      name: 'laptop',
      names: ['home-pc', 'work-server'],
    });
    expect(route('@w do it', [node('work-1'), node('work-2')])).toMatchObject({ kind: 'unknown' });
    const twins = [node('a', { displayName: 'pc' }), node('b', { displayName: 'pc' })];
    expect(route('@pc do it', twins)).toMatchObject({ kind: 'unknown' });
  });

  test('means the node of that id before another one that only calls itself so', () => {
    const pretender = node('aaa', { displayName: 'work-server' });
    expect(route('@work-server do it', [pretender, workServer])).toMatchObject({ node: workServer });
    const upper = node('PC');
    const lower = node('pc');
    expect(route('@pc do it', [upper, lower])).toMatchObject({ node: lower });
    expect(route('@PC do it', [lower, upper])).toMatchObject({ node: upper });
  });

  test('keeps the lines of what follows, and a name alone is just a message', () => {
    expect(route('@home-pc one\ntwo', nodes)).toMatchObject({ node: homePc, text: 'one\ntwo' });
    expect(route('@home-pc', [homePc])).toMatchObject({ node: homePc, text: '@home-pc' });
  });

  test('is read in no time, however it is written', () => {
    const startedAt = performance.now();
    route(`@${'a'.repeat(500_000)}`, nodes);
    route(`@a${' '.repeat(500_000)}`, nodes);
    route(`@${'a.'.repeat(250_000)}!`, nodes);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
