import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const script = 'text/javascript; charset=utf-8';

/** Everything that the page loads: path, where it is, and what it is. */
const assets: ReadonlyMap<string, { readonly file: URL; readonly type: string }> = new Map([
  ['/', page('index.html', 'text/html; charset=utf-8')],
  ['/console/style.css', page('style.css', 'text/css; charset=utf-8')],
  ['/console/icon.svg', page('icon.svg', 'image/svg+xml')],
  ...[
    'action-buttons',
    'app',
    'attached-files',
    'composer',
    'connection',
    'connection-sign',
    'create-element',
    'duration',
    'file-views',
    'live-turn-view',
    'live-turns',
    'markdown',
    'message-list',
    'message-view',
    'node-menu',
    'node-view',
    'page-language',
    'texts',
    'toast',
    'unsent',
  ].map((name) => [`/console/${name}.js`, page(`${name}.js`, script)] as const),
  ['/console/marked.js', { file: new URL(import.meta.resolve('marked')), type: script }],
  ['/console/purify.js', { file: new URL(import.meta.resolve('dompurify')), type: script }],
]);

export const assetPaths: readonly string[] = [...assets.keys()];

export type Asset = { readonly body: Buffer; readonly type: string; readonly etag: string };

/** Rejects for a path that is not in `assetPaths`. */
export async function readAsset(path: string): Promise<Asset> {
  const asset = assets.get(path);
  if (asset === undefined) throw new Error(`${path} is no asset of the console`);
  const body = await readFile(asset.file);
  const hash = createHash('sha256').update(body).digest('base64url');
  return { body, type: asset.type, etag: `"${hash}"` };
}

function page(name: string, type: string): { readonly file: URL; readonly type: string } {
  return { file: new URL(`./page/${name}`, import.meta.url), type };
}
