import type { Text } from '@phonework/shared/language';

/** What is said of an argument of `/new` that can't be read. */
export const newSessionTexts = {
  usage: {
    en: 'Write it so: /new name: what to do, with --timeout SECONDS before the colon if it may take longer.',
    zh: '请这样写：/new 名称: 要做的事；如果耗时较长，在冒号前加 --timeout 秒数。',
  },
  twoNames: (first: string, second: string): Text => ({
    en: `I can't tell where the folder ends ("${first}" or "${first} ${second}"?): put a colon before what to do, as in /new ${first}: do this, and quotes around a folder with spaces.`,
    zh: `看不出文件夹到哪里结束（“${first}”还是“${first} ${second}”？）：请在要做的事前面加冒号，例如 /new ${first}: 做这件事；文件夹名有空格时加引号。`,
  }),
  noName: {
    en: 'The name between the quotes is empty: write a folder, as in /new "my app": do this.',
    zh: '引号里没有名称：请写一个文件夹，例如 /new "my app": 做这件事。',
  },
  openQuote: {
    en: 'A quote is opened and never closed: write /new "my app": do this.',
    zh: '引号没有成对：请写成 /new "my app": 做这件事。',
  },
  timeout: (given: string): Text => ({
    en: `--timeout takes whole seconds from 1 to 86400, not "${given}": write /new name --timeout 120: do this.`,
    zh: `--timeout 要写 1 到 86400 之间的整数秒，不能是“${given}”：请写成 /new 名称 --timeout 120: 做这件事。`,
  }),
  noTimeout: {
    en: '--timeout takes whole seconds: write /new name --timeout 120: do this.',
    zh: '--timeout 后面要写整数秒：请写成 /new 名称 --timeout 120: 做这件事。',
  },
  unknownFlag: (flag: string): Text => ({
    en: `There is no ${flag}, only --timeout SECONDS: write /new name --timeout 120: do this.`,
    zh: `没有 ${flag}，只有 --timeout 秒数：请写成 /new 名称 --timeout 120: 做这件事。`,
  }),
} as const;
