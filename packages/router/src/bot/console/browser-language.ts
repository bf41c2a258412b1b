import type { Language } from '@phonework/shared/language';
import type { LanguageSetting } from '@phonework/shared/reader-languages';
import type { FastifyRequest } from 'fastify';

/** What a browser is answered in over HTTP: what is set, else the language that it asks for first, as the page does. */
export function browserLanguage({ headers }: FastifyRequest, setting: LanguageSetting): Language {
  if (setting !== 'auto') return setting;
  return /^\s*zh\b/i.test(headers['accept-language'] ?? '') ? 'zh' : 'en';
}
