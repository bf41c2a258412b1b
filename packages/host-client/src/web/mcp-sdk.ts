import type { Text } from '@phonework/shared/language';
import type { WebErrorCode } from './web-error.ts';
import { WebError } from './web-error.ts';
import { webTexts } from './web-texts.ts';

/** The official client. It costs 35 MB and a fifth of a second, so it is loaded when somebody first wants the web. */
export async function loadSdk() {
  const [client, transport, types] = await Promise.all([
    import('@modelcontextprotocol/sdk/client/index.js'),
    import('@modelcontextprotocol/sdk/client/streamableHttp.js'),
    import('@modelcontextprotocol/sdk/types.js'),
  ]);
  return { ...client, ...transport, ...types };
}

export type Sdk = Awaited<ReturnType<typeof loadSdk>>;

/** What the client rejected with, or told its `onerror`. */
export function toWebError(sdk: Sdk, error: unknown): WebError {
  if (error instanceof WebError) return error;
  if (error instanceof sdk.McpError) return new WebError('failed', webTexts.failed, { detail: error.message });
  const [code, said] = reading(sdk, error);
  return new WebError(code, said, { cause: error });
}

function reading(sdk: Sdk, error: unknown): readonly [WebErrorCode, Text] {
  if (!(error instanceof sdk.StreamableHTTPError)) return ['malformed', webTexts.malformed];
  // A redirect that is not to be followed; or an answer that is neither JSON nor a stream of events.
  return error.code !== undefined && error.code > 0 ? ['moved', webTexts.moved] : ['not_mcp', webTexts.notMcp];
}
