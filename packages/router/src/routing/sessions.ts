import { excerpt, hasWord } from './words.ts';

/** Shorter names are too likely to be just a word. */
const MIN_NAME_CHARACTERS = 3;

/** More than anyone works with; a node may claim ten thousand, and looking for all of them would hold up other users. */
const MAX_SESSIONS = 1000;

type NodeWithSessions = { readonly nodeId: string; readonly sessions: readonly string[] };

/** The id of the node whose sessions `text` names; undefined when it names none, or ones that don't tell nodes apart. */
export function findSessionOwner(text: string, nodes: readonly NodeWithSessions[]): string | undefined {
  const holders = new Map<string, Set<string>>();
  for (const { nodeId, sessions } of nodes) {
    if (sessions.length === 0) continue;
    for (const name of namedSessions(text, sessions)) holders.set(name, (holders.get(name) ?? new Set()).add(nodeId));
  }
  const owners = new Set([...holders.values()].filter(({ size }) => size === 1).flatMap((ids) => [...ids]));
  const [owner, ...others] = owners;
  return others.length === 0 ? owner : undefined;
}

function namedSessions(text: string, sessions: readonly string[]): string[] {
  const message = excerpt(text).toLowerCase();
  return sessions
    .slice(0, MAX_SESSIONS)
    .map((session) => session.toLowerCase().trim())
    .filter((name) => message.includes(name) && [...name].length >= MIN_NAME_CHARACTERS && hasWord(message, name));
}
