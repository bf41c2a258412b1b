import { CloseCode } from '@phonework/shared/protocol';

/** Why an answer that was no upgrade will stay the same until a person mends it; undefined for what may pass by itself. */
export function refusalByStatus(status: number): string | undefined {
  if (status === 401) {
    return 'The router refuses this node (401): its ROUTER_SECRET is another one. Mend it on either side.';
  }
  if (status === 403 || status === 404) {
    return `There is no door for nodes at ROUTER_URL (${status}): it ends in /ws/node.`;
  }
  return undefined;
}

/** The same for a link that the router closed. */
export function refusalByClose(code: number): string | undefined {
  if (code === CloseCode.nodeIdTaken) {
    return 'The router has another machine under the name of this one: give this one a NODE_ID of its own.';
  }
  if (code === CloseCode.replaced) {
    // A node gives its old link up before it makes a new one, so this was somebody else.
    return 'Another process with the same data took the link over: give a copied node a DATA_DIR and a NODE_ID of its own.';
  }
  return undefined;
}
