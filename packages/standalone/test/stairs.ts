/** Which packages a package may import. */
export const packageStairs: Readonly<Record<string, readonly string[]>> = {
  standalone: ['router', 'host-client', 'shared'],
  router: ['shared'],
  'host-client': ['shared'],
  shared: [],
  // Used by tests and the bench alone, and works with the programs from outside.
  testkit: [],
};

/** Files and folders that make one room, by their paths in `src`. */
type Room = readonly string[];

/**
 * The rooms of each package with stairs inside, top step first: a file imports from its own room and from rooms on
 * lower steps, never from a room on its own step. The channels stand above the rest of `bot`, whose port they fill.
 */
export const roomStairs: Readonly<Record<string, readonly (readonly Room[])[]>> = {
  standalone: [[['main', 'program']], [['standalone']]],
  router: [
    [['main', 'program', 'describe']],
    [['router'], ['admin']],
    [['bot/feishu'], ['bot/console']],
    [['health'], ['metrics'], ['stray-sockets'], ['slow-bodies'], ['bot']],
    [['routing']],
    [['nodes']],
    [['texts'], ['schema'], ['config']],
  ],
  'host-client': [
    [['main', 'program', 'describe']],
    [['host'], ['attach']],
    [['link'], ['mailboy']],
    [['commands'], ['tools']],
    [['approvals'], ['sessions']],
    [['tasks']],
    [['shell'], ['files'], ['web'], ['audit']],
    [['texts'], ['schema'], ['config'], ['turn-context', 'taint'], ['retry-id'], ['progress'], ['patience']],
  ],
};

/** The only imports that go up the stairs: a database's tables are put together from those of its rooms. */
const compositions: Readonly<Record<string, readonly string[]>> = {
  'router/src/schema.ts': [
    'router/src/bot/schema.ts',
    'router/src/bot/console/schema.ts',
    'router/src/bot/feishu/schema.ts',
  ],
  'host-client/src/schema.ts': [
    'host-client/src/approvals/schema.ts',
    'host-client/src/sessions/schema.ts',
    'host-client/src/tasks/scheduler-schema.ts',
    'host-client/src/tasks/schema.ts',
  ],
};

/** Where everything is made, files and beginnings of paths: only here are classes of other rooms constructed. */
const compositionRoots: readonly string[] = [
  'router/src/router.ts',
  'router/src/admin/token-store.ts',
  'host-client/src/host.ts',
  'host-client/src/host/',
  'standalone/src/standalone.ts',
];

/** Packages that have one door: the beginnings of the paths that may import them. */
const doors: Readonly<Record<string, readonly string[]>> = {
  '@larksuiteoapi/node-sdk': ['router/src/bot/feishu/'],
  openai: ['shared/src/llm/'],
  'prom-client': ['router/src/metrics/'],
  '@modelcontextprotocol/sdk': ['host-client/src/web/', 'testkit/src/metaso'],
  unbash: ['host-client/src/shell/'],
  'node:sqlite': ['shared/src/store'],
  pino: ['shared/src/log.ts'],
  'pino-pretty': ['shared/src/log.ts'],
  yaml: ['shared/src/config.ts'],
  'node-pty': [],
  '@lydell/node-pty': ['host-client/src/sessions/pty-process.ts'],
  // The process comes as an argument of runProgram.
  'node:process': [],
  process: [],
};

const maxLines = 400;

export type SourceFile = {
  /** Below `packages`: `router/src/bot/handler.ts`. */
  readonly path: string;
  readonly text: string;
};

/** Everything in `file` that breaks the rules, as sentences. */
export function findBreaches(file: SourceFile): string[] {
  const imports = readImports(file.text);
  const breaches = [
    ...imports.flatMap((imported) => [...judgeImport(file.path, imported), ...judgeDoor(file.path, imported)]),
    ...imports.flatMap((imported) => judgeConstruction(file, imported)),
    ...judgeProcess(file),
    ...judgeRoom(file.path),
  ];
  const lines = file.text.split('\n').length;
  if (lines > maxLines) breaches.push(`has ${lines} lines, over ${maxLines}`);
  return breaches.map((breach) => `${file.path} ${breach}`);
}

type Import = { readonly specifier: string; readonly isType: boolean; readonly names: readonly string[] };

function readImports(text: string): Import[] {
  const statements = text.matchAll(/^(?:import|export)\b(\s+type\b)?([^;'"=()]*?)\bfrom\s*['"]([^'"]+)['"]/gm);
  const sideEffects = text.matchAll(/^import\s*['"]([^'"]+)['"]/gm);
  const calls = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g);
  return [
    ...[...statements].map(([, type, names = '', specifier = '']) => ({
      specifier,
      isType: type !== undefined,
      names: names.match(/(?<!\btype\s+)\b[A-Za-z_$][\w$]*/g) ?? [],
    })),
    ...[...sideEffects, ...calls].map(([, specifier = '']) => ({ specifier, isType: false, names: [] })),
  ];
}

function packageOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}

function judgeImport(path: string, { specifier }: Import): string[] {
  const from = packageOf(path);
  const [, to] = /^@phonework\/([^/]+)/.exec(specifier) ?? [];
  if (to !== undefined) {
    return packageStairs[from]?.includes(to) === true ? [] : [`imports ${specifier}: ${from} may not know ${to}`];
  }
  if (!specifier.startsWith('.')) return [];
  const target = resolvePath(path, specifier);
  if (target === `${from}/package.json`) return [];
  if (!target.startsWith(`${from}/src/`)) return [`imports ${target}, outside its own package's src`];
  if (compositions[path]?.includes(target) === true) return [];
  return judgeStep(path, target);
}

function judgeStep(path: string, target: string): string[] {
  const own = placeOf(path);
  const other = placeOf(target);
  if (own === undefined || other === undefined || own.room === other.room || other.step > own.step) return [];
  const where = other.step === own.step ? 'on its own step' : 'above it';
  return [`imports ${target}: room ${other.room.join(', ')} is ${where}`];
}

function judgeRoom(path: string): string[] {
  return roomStairs[packageOf(path)] === undefined || placeOf(path) !== undefined
    ? []
    : ['is in no room of the stairs'];
}

function placeOf(path: string): { readonly room: Room; readonly step: number } | undefined {
  const steps = roomStairs[packageOf(path)] ?? [];
  const inside = path.slice(path.indexOf('/src/') + '/src/'.length).replace(/\.[jt]s$/, '');
  const found = steps.flatMap((rooms, step) =>
    rooms.flatMap((room) =>
      room.filter((name) => inside === name || inside.startsWith(`${name}/`)).map((name) => ({ name, room, step })),
    ),
  );
  // bot/feishu is a room of its own, although it lies in bot.
  return found.sort((a, b) => b.name.length - a.name.length)[0];
}

function resolvePath(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}

function judgeDoor(path: string, { specifier }: Import): string[] {
  return Object.entries(doors)
    .filter(([name]) => specifier === name || specifier.startsWith(`${name}/`))
    .filter(([, allowed]) => !allowed.some((beginning) => path.startsWith(beginning)))
    .map(([name]) => `imports ${name}, which is not for it`);
}

/** Errors and the classes of `shared` may be made anywhere. */
function judgeConstruction({ path, text }: SourceFile, { specifier, isType, names }: Import): string[] {
  if (compositionRoots.some((root) => path.startsWith(root)) || isType || !specifier.startsWith('.')) return [];
  const target = resolvePath(path, specifier);
  if (placeOf(path) === undefined || placeOf(path)?.room === placeOf(target)?.room) return [];
  return names
    .filter((name) => /^[A-Z]/.test(name) && !name.endsWith('Error') && new RegExp(`\\bnew ${name}\\b`).test(text))
    .map((name) => `constructs ${name} of ${target}, which is for a composition root`);
}

function judgeProcess({ path, text }: SourceFile): string[] {
  if (packageOf(path) === 'testkit' || /\/src\/(main|program)\.ts$/.test(path)) return [];
  const code = text.split('\n').filter((line) => !/^\s*(\/\/|\/?\*)/.test(line));
  const uses = code.join('\n').match(/\bprocess\??\.(env|argv|exit|exitCode|on|once)\b/g) ?? [];
  return [...new Set(uses)].map((use) => `touches ${use}, which is for main.ts and program.ts`);
}
