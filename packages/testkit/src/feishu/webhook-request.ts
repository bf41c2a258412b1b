import { createCipheriv, createHash, randomBytes } from 'node:crypto';

/** What Feishu would POST to a webhook for this body: encrypted, and signed over the raw bytes. */
export function webhookRequest(
  body: unknown,
  options: { readonly encryptKey: string; readonly timestampS?: number },
): { readonly payload: string; readonly headers: Record<string, string> } {
  const key = createHash('sha256').update(options.encryptKey).digest();
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const encrypted = Buffer.concat([iv, cipher.update(JSON.stringify(body), 'utf8'), cipher.final()]);
  const payload = JSON.stringify({ encrypt: encrypted.toString('base64') });
  return { payload, headers: signedHeaders(payload, options) };
}

/** Headers for a body that is as it is. */
export function signedHeaders(
  payload: string,
  { encryptKey, timestampS = Math.floor(Date.now() / 1000) }: { encryptKey: string; timestampS?: number },
): Record<string, string> {
  const timestamp = String(timestampS);
  const nonce = randomBytes(8).toString('hex');
  const signature = createHash('sha256').update(`${timestamp}${nonce}${encryptKey}${payload}`).digest('hex');
  return {
    'content-type': 'application/json; charset=utf-8',
    'x-lark-request-timestamp': timestamp,
    'x-lark-request-nonce': nonce,
    'x-lark-signature': signature,
  };
}
