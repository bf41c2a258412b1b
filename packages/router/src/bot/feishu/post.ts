import * as z from 'zod';

const Element = z.looseObject({ tag: z.string() });
type Element = z.infer<typeof Element>;

const Post = z.object({ title: z.string().default(''), content: z.array(z.array(Element)) });
type Post = z.infer<typeof Post>;

/** Received posts have no language around them, sent ones do. */
const PostInLanguages = z.record(z.string(), Post).refine((languages) => Object.keys(languages).length > 0);

/** The text of a `post`: lines, links, code blocks, mentions as their keys. Null when there is no text in it. */
export function readPost(content: unknown): string | null {
  const post = findPost(content);
  if (post === null) return null;
  const lines = post.content.map((elements) => elements.map(readElement).join(''));
  const hasText = post.title.trim() !== '' || post.content.flat().some(saysSomething);
  return hasText ? [post.title, ...lines].join('\n').trim() : null;
}

/** The pictures and videos in a `post`, in their order, each once. */
export function postMedia(content: unknown): readonly PostMedia[] {
  const elements = findPost(content)?.content.flat() ?? [];
  const media = elements.flatMap((element): PostMedia[] => {
    const [imageKey, fileKey] = [stringOf(element.image_key), stringOf(element.file_key)];
    if (element.tag === 'img' && imageKey !== '') return [{ imageKey }];
    // Its image_key is that of the preview.
    return element.tag === 'media' && fileKey !== '' ? [{ fileKey }] : [];
  });
  return [...new Map(media.map((each) => [Object.values(each).join(), each])).values()];
}

type PostMedia = { readonly imageKey: string } | { readonly fileKey: string };

function findPost(content: unknown): Post | null {
  const plain = Post.safeParse(content);
  if (plain.success) return plain.data;
  const inLanguages = PostInLanguages.safeParse(content);
  return inLanguages.success ? (Object.values(inLanguages.data)[0] ?? null) : null;
}

function saysSomething(element: Element): boolean {
  return !['img', 'media', 'hr', 'at'].includes(element.tag) && readElement(element).trim() !== '';
}

function readElement(element: Element): string {
  const text = stringOf(element.text);
  switch (element.tag) {
    case 'a': {
      const address = stringOf(element.href);
      return text === '' || text === address ? address : `[${text}](${address})`;
    }
    case 'at':
      return mentionKey(stringOf(element.user_id));
    case 'code_block':
      return `\n\`\`\`${stringOf(element.language).toLowerCase()}\n${text.replace(/\n$/, '')}\n\`\`\`\n`;
    case 'emotion':
      return `[${stringOf(element.emoji_type)}]`;
    case 'hr':
      return '---';
    case 'img':
      return '[image]';
    case 'media':
      return '[video]';
    default:
      return text;
  }
}

function mentionKey(userId: string): string {
  return userId === 'all' || userId === '@_all' ? '@_all' : userId;
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
