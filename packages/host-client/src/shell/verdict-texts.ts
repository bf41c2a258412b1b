import type { Text } from '@phonework/shared/language';
import { visibleLine } from '../texts/visible.ts';

/** Why a command is not simply run: phrases that complete "This command …". */
export const effectTexts = {
  mayChange: (call: string): Text =>
    shown(call, (name) => [`may change something: ${name}`, `可能会改动东西：${name}`]),
  unknownProgram: { en: 'runs an unknown program', zh: '会运行一个未知的程序' },
  deletesFiles: { en: 'deletes files', zh: '会删除文件' },
  changesFiles: { en: 'changes files', zh: '会改动文件' },
  changesPermissions: { en: 'changes permissions', zh: '会改动权限' },
  endsProcesses: { en: 'ends processes', zh: '会结束进程' },
  network: { en: 'reaches into the network', zh: '会访问网络' },
  runsAnother: { en: 'runs another command', zh: '会运行另一条命令' },
  /** What a program is known for, and its name. */
  ofProgram: (effect: Text, program: string): Text =>
    shown(program, (name) => [`${effect.en}: ${name}`, `${effect.zh}：${name}`]),
  openProgram: {
    en: 'runs a program whose name is not known beforehand',
    zh: '会运行一个事先不知道名字的程序',
  },
  openGitCommand: {
    en: 'runs a git command that is not known beforehand',
    zh: '会运行一个事先不知道的 git 命令',
  },
  oddHereDoc: { en: 'ends a text in an unusual way', zh: '用不寻常的方式结束一段文字' },
  computesIndex: { en: 'computes an index', zh: '会计算下标' },
  setsVariable: (variable: string): Text =>
    shown(variable, (name) => [`sets the variable ${name}`, `会设置变量 ${name}`]),
  setsVariableFor: (variable: string): Text =>
    shown(variable, (name) => [`sets the variable ${name} for a program`, `会为一个程序设置变量 ${name}`]),
  definesFunction: { en: 'defines a function', zh: '会定义函数' },
  startsCoprocess: { en: 'starts a coprocess', zh: '会启动协同进程' },
  asksForChoice: { en: 'asks for a choice', zh: '会要求作出选择' },
  arithmetic: { en: 'does arithmetic on variables', zh: '会用变量做算术' },
  expands: (expansion: string): Text => shown(expansion, (text) => [`expands ${text}`, `会展开 ${text}`]),
  extendedPattern: { en: 'uses an extended file pattern', zh: '用到扩展的文件通配' },
  oddQuoting: {
    en: 'uses quoting that not every shell reads alike',
    zh: '用到各种 shell 读法不一的引号',
  },
  testsWith: (operator: string): Text => shown(operator, (text) => [`tests with ${text}`, `用 ${text} 做判断`]),
  oddCondition: {
    en: 'uses a condition that not every shell reads alike',
    zh: '用到各种 shell 读法不一的条件',
  },
  openFile: {
    en: 'reads or writes a file whose name is not known beforehand',
    zh: '会读写一个事先不知道名字的文件',
  },
  opensConnection: { en: 'opens a network connection', zh: '会打开网络连接' },
  opensForWriting: (file: string): Text =>
    shown(file, (name) => [`opens a file for writing: ${name}`, `会打开文件来写：${name}`]),
  writesTo: (file: string): Text => shown(file, (name) => [`writes to a file: ${name}`, `会写入文件：${name}`]),
} as const;

/** What is never done: phrases that complete "This command …". */
export const destructionTexts = {
  forkBomb: {
    en: 'starts copies of itself without end (a fork bomb)',
    zh: '会无休止地启动自己的副本（fork 炸弹）',
  },
  overDisk: { en: 'writes over a disk', zh: '会覆盖磁盘' },
  overTheDisk: (disk: string): Text => shown(disk, (name) => [`writes over the disk ${name}`, `会覆盖磁盘 ${name}`]),
  formats: { en: 'formats a disk', zh: '会格式化磁盘' },
  switchesOff: { en: 'switches the machine off or restarts it', zh: '会关闭或重启机器' },
  rawCopy: { en: 'copies raw data with dd', zh: '会用 dd 复制原始数据' },
  deletes: (what: Text): Text => ({ en: `deletes ${what.en}`, zh: `会删除${what.zh}` }),
  wholeDisk: { en: 'the whole disk', zh: '整个磁盘' },
  home: { en: 'the home folder', zh: '主文件夹' },
  homeOf: (folder: string): Text => shown(folder, (path) => [`the home folder ${path}`, `主文件夹 ${path}`]),
  system: (folder: string): Text => ({ en: `the system folder ${folder}`, zh: `系统文件夹 ${folder}` }),
} as const;

/** Why a command cannot be judged: sentences without their end. */
export const faultTexts = {
  tooLong: { en: 'it is longer than 20 KiB', zh: '它超过 20 KiB' },
  nul: { en: 'it contains a NUL character', zh: '它含有 NUL 字符' },
  unjudged: { en: 'it takes too long to read', zh: '它读起来太费时间' },
  endless: { en: 'it expands to too much', zh: '它展开后太多' },
  tooDeep: { en: 'it is nested too deeply', zh: '它嵌套太深' },
  carriageReturn: { en: 'it contains a carriage return', zh: '它含有回车符' },
  senselessSubstitution: { en: 'it has a substitution that makes no sense', zh: '它含有没有意义的替换' },
  /** As the parser said it. */
  syntax: (fault: string): Text => ({ en: fault, zh: `语法有误（${fault}）` }),
} as const;

/** With what cannot be seen made visible. */
function shown(part: string, phrases: (visible: string) => readonly [en: string, zh: string]): Text {
  const [en, zh] = phrases(visibleLine(part));
  return { en, zh };
}
