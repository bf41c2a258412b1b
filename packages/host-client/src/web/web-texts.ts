import type { Text } from '@phonework/shared/language';

/** What users are told when nothing came from the web; the model is told the English. */
export const webTexts = {
  badKey: {
    en: 'Metaso refuses the key: check METASO_API_KEY.',
    zh: '秘塔拒绝了这个密钥：请检查 METASO_API_KEY。',
  },
  quota: {
    en: 'Metaso takes no more requests with this key for now: try again later, or look at its balance at metaso.cn/search-api.',
    zh: '秘塔暂时不再接受这个密钥的请求：请稍后再试，或在 metaso.cn/search-api 查看余额。',
  },
  unavailable: (status: number): Text => ({
    en: `Metaso is out of order (HTTP ${status}): try again in a few minutes.`,
    zh: `秘塔出了故障（HTTP ${status}）：请过几分钟再试。`,
  }),
  unreachable: {
    en: 'Metaso could not be reached, or the connection broke off: check the network and METASO_MCP_URL, then try again.',
    zh: '无法连接秘塔，或连接中断：请检查网络和 METASO_MCP_URL，然后再试。',
  },
  timedOut: (ms: number): Text => ({
    en: `Metaso gave no answer within ${Math.ceil(ms / 1000)} s: try again, or ask for something smaller.`,
    zh: `秘塔在 ${Math.ceil(ms / 1000)} 秒内没有回答：请再试一次，或缩小请求。`,
  }),
  tooLarge: (bytes: number): Text => ({
    en: `The answer of Metaso is larger than ${Math.floor(bytes / 1000)} kB and was dropped: ask for something smaller.`,
    zh: `秘塔的回答超过 ${Math.floor(bytes / 1000)} kB，已丢弃：请缩小请求。`,
  }),
  tooManyParts: {
    en: 'The answer of Metaso has too many parts and was dropped: ask for something smaller.',
    zh: '秘塔的回答部分太多，已丢弃：请缩小请求。',
  },
  moved: {
    en: 'The address of Metaso leads to another one, and the key goes nowhere else: check METASO_MCP_URL.',
    zh: '秘塔的地址转到了别处，而密钥不会发往别处：请检查 METASO_MCP_URL。',
  },
  notMcp: {
    en: 'There is no MCP server at the address of Metaso: check METASO_MCP_URL.',
    zh: '秘塔的地址上没有 MCP 服务器：请检查 METASO_MCP_URL。',
  },
  malformed: {
    en: 'What came from Metaso is no answer that can be read: try again, and check METASO_MCP_URL if it stays so.',
    zh: '秘塔发来的内容无法读取：请再试一次，一直这样的话请检查 METASO_MCP_URL。',
  },
  noTool: (name: string): Text => ({
    en: `The MCP server has no tool ${name}: check METASO_MCP_URL, or look for an update of PhoneWork.`,
    zh: `MCP 服务器没有工具 ${name}：请检查 METASO_MCP_URL，或看看 PhoneWork 有没有更新。`,
  }),
  failed: { en: 'Metaso could not do it.', zh: '秘塔没能做到。' },
  badAddress: {
    en: 'Only addresses that begin with http:// or https:// and hold no password can be fetched.',
    zh: '只能抓取以 http:// 或 https:// 开头且不含密码的地址。',
  },
  internalAddress: {
    en: 'That address is inside a private network, where Metaso has no way in and should not: not fetched.',
    zh: '这个地址在内网里，秘塔进不去，也不该进去：没有抓取。',
  },
} as const;
