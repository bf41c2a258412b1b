import type { Logger as SdkLogger } from '@larksuiteoapi/node-sdk';
import type { Logger } from '@phonework/shared/log';
import { redactor } from '@phonework/shared/log';

/**
 * Takes what the SDK says to the log, without what it must not say: its error objects carry the app secret and bearer
 * tokens, its URLs tickets. Only strings and the messages of errors pass. Our own lines tell an operator what to do,
 * so the SDK's stay at debug, and its errors at warn.
 */
export function createSdkLogger(logger: Logger, appSecret: string): SdkLogger {
  const redact = redactor([appSecret]);
  const say = (level: 'warn' | 'debug') => (parts: unknown) => {
    const line = (Array.isArray(parts) ? parts : [parts]).map(describe).join(' ');
    logger[level](`Feishu SDK: ${redactTokens(redact(line))}`);
  };
  return { error: say('warn'), warn: say('debug'), info: say('debug'), debug: say('debug'), trace: say('debug') };
}

function describe(part: unknown): string {
  if (typeof part === 'string' || typeof part === 'number') return String(part);
  if (part instanceof Error) return part.message;
  return `[${typeof part}]`;
}

function redactTokens(line: string): string {
  return line
    .replace(/Bearer\s+\S+/gi, 'Bearer [redacted]')
    .replace(/\b(ticket|access_key|tenant_access_token)=[^&\s]+/gi, '$1=[redacted]')
    .replace(/\b[tu]-[\w.-]{16,}/g, '[redacted]');
}
