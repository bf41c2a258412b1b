import type { Text } from '@phonework/shared/language';

/** What a node says to people, in one place. */
export const texts = {
  noModel: (nodeId: string): Text => ({
    en: `There is no model on ${nodeId}, so I can't answer in words, send you files or search the web. /new <name> opens a Claude Code session, and then your messages go to it; /shell ls runs a command. For an assistant who can, set OPENAI_API_KEY in its configuration and start it again.`,
    zh: `${nodeId} 上没有模型，所以我不能用文字回答、发文件或上网搜索。/new <名称> 打开一个 Claude Code 会话，之后你的消息会送到那里；/shell ls 运行一条命令。想要一个助手，请在它的配置里设置 OPENAI_API_KEY 并重新启动。`,
  }),
  noSession: {
    en: 'No session is active. /sessions lists yours, /new <name> opens one; /smart lets the assistant answer instead.',
    zh: '没有正在使用的会话。/sessions 列出你的会话，/new <名称> 打开一个；/smart 改由助手回答。',
  },
  waiting: (place: number): Text => ({
    en: `⏳ Queued (#${place}) behind what is running. Begin a message with ! to interrupt that; /stop ends it.`,
    zh: `⏳ 已排队（第 ${place} 位），前面还有任务在运行。消息以 ! 开头会打断它；/stop 结束它。`,
  }),
  notServed: (nodeId: string): Text => ({
    en: `${nodeId} does not work for you: its owner can add your open_id to SERVES_USERS in its configuration.`,
    zh: `${nodeId} 不为你工作：它的主人可以在配置的 SERVES_USERS 里加上你的 open_id。`,
  }),
  stopped: { en: 'Stopped.', zh: '已停止。' },
  cleared: { en: 'The conversation so far is forgotten.', zh: '之前的对话已忘记。' },
  unknownCommand: (name: string, meant: string | undefined): Text =>
    meant === undefined
      ? { en: `There is no command ${name}. /help lists them.`, zh: `没有 ${name} 这个命令。/help 列出全部命令。` }
      : {
          en: `There is no command ${name}. Did you mean ${meant}?`,
          zh: `没有 ${name} 这个命令。你是想用 ${meant} 吗？`,
        },
  shellUsage: {
    en: 'Write the command after it, such as: /shell git status',
    zh: '请把命令写在后面，例如：/shell git status',
  },
  unexpected: {
    en: 'Something unexpected went wrong on this machine; its log says what. Try again, or write it differently.',
    zh: '这台机器上出了意外，详情见它的日志。请再试一次，或换个说法。',
  },
  cut: (characters: number) => `\n\n[… ${characters} characters left out …]\n\n`,
} as const;
