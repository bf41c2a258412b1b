/** What users and the model are told when nothing came from the web. */
export const webTexts = {
  badKey: 'Metaso refuses the key: check METASO_API_KEY.',
  quota:
    'Metaso takes no more requests with this key for now: try again later, or look at its balance at metaso.cn/search-api.',
  unavailable: (status: number) => `Metaso is out of order (HTTP ${status}): try again in a few minutes.`,
  unreachable:
    'Metaso could not be reached, or the connection broke off: check the network and METASO_MCP_URL, then try again.',
  timedOut: (ms: number) =>
    `Metaso gave no answer within ${Math.ceil(ms / 1000)} s: try again, or ask for something smaller.`,
  tooLarge: (bytes: number) =>
    `The answer of Metaso is larger than ${Math.floor(bytes / 1000)} kB and was dropped: ask for something smaller.`,
  tooManyParts: 'The answer of Metaso has too many parts and was dropped: ask for something smaller.',
  moved: 'The address of Metaso leads to another one, and the key goes nowhere else: check METASO_MCP_URL.',
  notMcp: 'There is no MCP server at the address of Metaso: check METASO_MCP_URL.',
  malformed: 'What came from Metaso is no answer that can be read: try again, and check METASO_MCP_URL if it stays so.',
  noTool: (name: string) =>
    `The MCP server has no tool ${name}: check METASO_MCP_URL, or look for an update of PhoneWork.`,
  failed: 'Metaso could not do it.',
  badAddress: 'Only addresses that begin with http:// or https:// and hold no password can be fetched.',
  internalAddress: 'That address is inside a private network, where Metaso has no way in and should not: not fetched.',
} as const;
