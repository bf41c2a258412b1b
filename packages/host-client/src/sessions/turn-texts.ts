import { formatDuration } from '@phonework/shared/duration';
import type { Said, Text } from '@phonework/shared/language';
import { bilingual, inLanguage } from '@phonework/shared/language';

/** What users read about a turn of a session. */
export const turnTexts = {
  taskStarted: (id: string): Text => ({
    en: `⏳ Task #${id} started. I'll notify you when it's done.`,
    zh: `⏳ 任务 #${id} 已开始。完成后会通知你。`,
  }),
  waiting: (name: string, place: number): Text => ({
    en: `⏳ Queued (#${place}) behind what ${name} does now. Begin a message with ! to interrupt it; /stop ends it.`,
    zh: `⏳ 已排队（第 ${place} 位），${name} 正在做别的事。消息以 ! 开头会打断它；/stop 结束它。`,
  }),
  waitingHeld: (name: string, place: number): Text =>
    place === 1
      ? {
          en: `⏳ Your message waits for ${name}, which was stopped with /stop. What becomes of it?`,
          zh: `⏳ ${name} 已被 /stop 停止，你的消息在排队。怎么处理？`,
        }
      : {
          en: `⏳ ${place} messages wait for ${name} since /stop. What becomes of them?`,
          zh: `⏳ /stop 之后，${name} 有 ${place} 条消息在排队。怎么处理？`,
        },
  waitingTerminal: (name: string): Text => ({
    en: `⏳ ${name} is open in a terminal on the machine. Your message waits until it is closed there.`,
    zh: `⏳ ${name} 正在那台机器的终端里打开着。你的消息会等到它在那里关闭。`,
  }),
  inTerminal: (name: string, nodeId: string): Text => ({
    en: `🖥 ${name} is open in a terminal on ${nodeId} now. Messages for it wait until it is closed there.`,
    zh: `🖥 ${name} 现在在 ${nodeId} 的终端里打开着。发给它的消息会等到它在那里关闭。`,
  }),
  backFromTerminal: (name: string): Text => ({
    en: `📱 ${name} was closed in the terminal: you have it here again.`,
    zh: `📱 ${name} 已在终端里关闭，你可以在这里继续使用。`,
  }),
  queueFull: (name: string, max: number): Text => ({
    en: `${max} messages wait for ${name} already. This one was not taken: send it again later, or /stop and start anew.`,
    zh: `${name} 已有 ${max} 条消息在排队，这一条没有收下：请稍后再发，或用 /stop 停止后重新开始。`,
  }),
  jobNotTaken: (name: string, max: number, message: string): Text => ({
    en: `⏰ ${message}\n\n⚠️ This was for ${name}, which did not take it: ${max} messages wait there already. Send it again later, or /stop and drop them.`,
    zh: `⏰ ${message}\n\n⚠️ 这是给 ${name} 的，但它没有收下：那里已有 ${max} 条消息在排队。请稍后再发，或用 /stop 停止并丢弃它们。`,
  }),
  queueDecided: (name: string, dropped: number): Text =>
    dropped === 0
      ? { en: `▶️ ${name} goes on.`, zh: `▶️ ${name} 继续运行。` }
      : { en: `${dropped} dropped. ${name} is ready.`, zh: `已丢弃 ${dropped} 条。${name} 已就绪。` },
  stopped: { en: '⏹ Stopped.', zh: '⏹ 已停止。' },
  notRun: { en: '⏹ Dropped before it began.', zh: '⏹ 还没开始就已丢弃。' },
  left: {
    en: 'PhoneWork is being stopped on this machine: what became of this is told after its next start.',
    zh: '这台机器上的 PhoneWork 正在停止：这件事的结果会在它下次启动后告诉你。',
  },
  tooLong: (ms: number): Text => ({
    en: `⏹ Stopped after ${formatDuration(ms)}, the longest that a turn may take here. Write on to let it continue; /new name --timeout <seconds> allows longer ones.`,
    zh: `⏹ 运行 ${formatDuration(ms)} 后已停止，这是这里一轮的最长时间。继续发消息就能让它接着做；/new 名称 --timeout <秒数> 可以允许更久。`,
  }),
  died: (reason: Said = endedInTheMiddle): Text => ({
    en: `${inLanguage(reason, 'en')} Or write on: the conversation is kept.`,
    zh: `${inLanguage(reason, 'zh')}也可以直接继续：对话还在。`,
  }),
  noAnswer: { en: 'Done. (Claude said nothing.)', zh: '已完成。（Claude 没有说什么。）' },
  cleared: { en: 'Claude has forgotten the conversation so far.', zh: 'Claude 已忘记之前的对话。' },
  compacted: {
    en: 'Claude goes on with a summary in place of the conversation so far.',
    zh: 'Claude 已把之前的对话换成摘要，会接着往下做。',
  },
  noRecord: (name: string): Text => ({
    en: `Claude Code has no record of the conversation of ${name} any more, so it can't go on. /close ${name}, then /new ${name} begins a new one.`,
    zh: `Claude Code 已没有 ${name} 的对话记录，无法继续。先 /close ${name}，再用 /new ${name} 开始新的。`,
  }),
  ownedElsewhere: (name: string, pid: number): Text => ({
    en: `${name} is open in another program on this machine (process ${pid}). Close it there, then send your message again: two at once would lose one side's work.`,
    zh: `${name} 正在这台机器的另一个程序里打开着（进程 ${pid}）。请在那里关闭它，再发一次消息：两边同时用会丢掉其中一边的工作。`,
  }),
  folderGone: (folder: string): Text => ({
    en: `The folder ${folder} of this session is gone. /new starts one in another folder.`,
    zh: `这个会话的文件夹 ${folder} 已经不在了。/new 可以在别的文件夹里开始一个。`,
  }),
  folderOutside: (folder: string, workingDir: string): Text => ({
    en: `The folder of this session, ${folder}, is not inside of ${workingDir} any more, so nothing is run there. Move it back, or start one in another folder with /new.`,
    zh: `这个会话的文件夹 ${folder} 已不在 ${workingDir} 里，所以不会在那里运行任何东西。请把它移回来，或用 /new 在别的文件夹里开始一个。`,
  }),
  unexpected: {
    en: "Something unexpected went wrong in this session; the machine's log says what. Send your message again.",
    zh: '这个会话出了意外，详情见那台机器的日志。请再发一次消息。',
  },
  askWithdrawn: (title: Said): Text => ({
    en: `No answer is needed any more to "${inLanguage(title, 'en')}".`,
    zh: `“${inLanguage(title, 'zh')}”不再需要回答。`,
  }),
  unasked: (name: string, text: string): Text => ({ en: `🔔 ${name}:\n${text}`, zh: `🔔 ${name}：\n${text}` }),
  /** Says whose words they are. */
  signed: (text: Said, name: string): Text => bilingual((language) => `${inLanguage(text, language)}\n\n· ${name}`),
  /** Behind what was said before it went wrong. */
  warning: (error: Said): Text => bilingual((language) => `⚠️ ${inLanguage(error, language)}`),
} as const;

const endedInTheMiddle: Text = {
  en: 'Claude Code ended in the middle of this: send your message again.',
  zh: 'Claude Code 中途结束了：请再发一次消息。',
};
