import { readAddress } from './address.ts';
import { findSessionOwner } from './sessions.ts';

/** A node that serves the user, as far as routing looks at it. */
export type RoutableNode = {
  readonly nodeId: string;
  readonly displayName: string;
  readonly online: boolean;
  /** The user chose it; at most one is. */
  readonly active: boolean;
  /** Names. */
  readonly sessions: readonly string[];
  readonly capabilities: readonly string[];
};

/** What the rules say about a message. `text` is what the node gets. `none`: no node serves the user. */
export type RuleDecision =
  | { readonly kind: 'node'; readonly nodeId: string; readonly text: string }
  | { readonly kind: 'all'; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'ask-user' }
  | { readonly kind: 'ask-model' };

/**
 * Decides where a message goes as far as that needs no model; the first rule that fits is right. `nodes` are all that
 * serve the user; `quotedNodeId` is the one that gave the answer which the message replies to. Pure.
 */
export function decideByRules({ text, nodes, quotedNodeId }: RoutingCase): RuleDecision {
  const message = text.trim();
  if (nodes.length === 0) return { kind: 'none' };
  const [, toAll] = /^[@＠](?:all|所有|全部)[\s,:，：、]+([\s\S]+)$/i.exec(message) ?? [];
  if (toAll !== undefined) return { kind: 'all', text: toAll };
  const address = readAddress(message, nodes);
  if (address !== undefined) {
    const [node, ...others] = address.nodes;
    if (node === undefined || others.length > 0) return { kind: 'ask-user' };
    return { kind: 'node', nodeId: node.nodeId, text: address.text };
  }
  if (isCommand(message)) {
    const nodeId = nodes.find((node) => node.active)?.nodeId ?? onlyCandidate(nodes);
    return nodeId === undefined ? { kind: 'ask-user' } : { kind: 'node', nodeId, text: message };
  }
  const quoted = nodes.find((node) => node.nodeId === quotedNodeId)?.nodeId;
  const nodeId = quoted ?? findSessionOwner(message, nodes) ?? onlyCandidate(nodes);
  return nodeId === undefined ? { kind: 'ask-model' } : { kind: 'node', nodeId, text: message };
}

type RoutingCase = {
  readonly text: string;
  readonly nodes: readonly RoutableNode[];
  readonly quotedNodeId?: string;
};

/** "/status", "/new: prompt"; a path is none. */
export function isCommand(message: string): boolean {
  return /^\/[a-z][\w-]*(?=[\s:：]|$)/i.test(message);
}

function onlyCandidate(nodes: readonly RoutableNode[]): string | undefined {
  const [node, ...others] = nodes.length === 1 ? nodes : nodes.filter(({ online }) => online);
  return others.length === 0 ? node?.nodeId : undefined;
}
