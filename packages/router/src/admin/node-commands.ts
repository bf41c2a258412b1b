import { formatDuration } from '@phonework/shared/duration';
import type { Command, CommandArguments } from '@phonework/shared/program';
import { UsageError } from '@phonework/shared/program';
import { NodeId } from '@phonework/shared/protocol';
import type { routerKeys } from '../config.ts';
import type { NodeToken } from '../nodes/tokens.ts';
import { withTokens } from './token-store.ts';

type NodeCommand = Command<typeof routerKeys>;

/** A node was named that has no token. */
class NoTokenError extends Error {
  override readonly name = 'NoTokenError';
  readonly code = 'no_token';
}

const add: NodeCommand = {
  name: 'node add',
  parameters: '<node_id> [--user OPEN_ID]…',
  summary: 'make a token for a node, which replaces the one it had; it may serve these users',
  flags: ['user'],
  async run(given, { values }, { logger, print }) {
    const nodeId = readNodeId('node add', given);
    const users = readUsers(given.flags.user ?? []);
    const { token, replaced } = await withTokens({ dataDir: values.DATA_DIR, logger }, (tokens) => ({
      replaced: tokens.of(nodeId) !== undefined,
      token: tokens.issue(nodeId, users),
    }));
    print(`The token of node "${nodeId}", shown this once:\n\n  ${token}\n`);
    print("Put it into that machine's host_config.yaml, as ROUTER_SECRET.");
    if (replaced) print('It replaces the one that was there before, which is void from now on.');
    print(
      users.length === 0
        ? 'It may serve nobody yet: make it again with --user OPEN_ID for each of its users.'
        : `It may serve ${users.join(', ')}, as far as its SERVES_USERS names them too.`,
    );
  },
};

const list: NodeCommand = {
  name: 'node list',
  parameters: '',
  summary: 'the nodes with a token of their own',
  flags: [],
  async run({ operands }, { values }, { logger, print }) {
    if (operands.length > 0) throw new UsageError('node list takes no arguments.');
    const tokens = await withTokens({ dataDir: values.DATA_DIR, logger }, (all) => all.list());
    print(tokens.length === 0 ? 'No node has a token of its own.' : table(tokens));
  },
};

const revoke: NodeCommand = {
  name: 'node revoke',
  parameters: '<node_id>',
  summary: "void a node's token; if it is connected, it is cut off",
  flags: [],
  async run(given, { values }, { logger, print }) {
    const nodeId = readNodeId('node revoke', given);
    const before = await withTokens({ dataDir: values.DATA_DIR, logger }, (tokens) => {
      const token = tokens.of(nodeId);
      tokens.revoke(nodeId);
      return token;
    });
    if (before === undefined) {
      throw new NoTokenError(`Node "${nodeId}" has no token of its own: node list shows those that have one.`);
    }
    const was = before.revokedAt === undefined ? 'is' : 'was already';
    print(`The token of node "${nodeId}" ${was} void. To let the node in again: node add ${nodeId}`);
  },
};

/** `phonework-router node …`: which nodes have a token of their own. */
export const nodeCommands: readonly NodeCommand[] = [add, list, revoke];

function readNodeId(command: string, { operands }: CommandArguments): string {
  const [nodeId, ...rest] = operands;
  if (nodeId === undefined || rest.length > 0) throw new UsageError(`${command} takes one node_id.`);
  if (NodeId.safeParse(nodeId).success) return nodeId;
  throw new UsageError(`"${nodeId}" is no node_id: expected at most 64 letters, digits, "-", "_" and ".".`);
}

function readUsers(users: readonly string[]): readonly string[] {
  const wrong = users.find((user) => !/^(ou_[A-Za-z0-9_-]+|console)$/.test(user));
  if (wrong === undefined) return [...new Set(users)];
  throw new UsageError(`"${wrong}" is no user: expected an open_id (it begins with ou_), or console.`);
}

function table(tokens: readonly NodeToken[]): string {
  const rows = [
    ['node_id', 'users', 'created', 'last used', 'revoked'],
    ...tokens.map((token) => [
      token.nodeId,
      token.users.join(',') || '-',
      ago(token.createdAt),
      ago(token.lastUsedAt),
      ago(token.revokedAt),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function ago(time: number | undefined): string {
  return time === undefined ? '-' : `${formatDuration(Date.now() - time)} ago`;
}
