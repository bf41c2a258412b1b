import * as z from 'zod';
import type { IncomingAttachment } from '../chat-channel.ts';
import { postMedia } from './post.ts';

const ImageContent = z.object({ image_key: z.string().min(1) });
const FileContent = z.object({ file_key: z.string().min(1), file_name: z.string().optional() });

/** The files that came with a message; none for a message of another kind, or one whose content can't be read. */
export function readAttachments(messageType: string, content: unknown): readonly IncomingAttachment[] {
  switch (messageType) {
    case 'image':
      return toAttachments(ImageContent.safeParse(content), ({ image_key: key }) => ({
        key,
        kind: 'image',
        name: 'image',
      }));
    case 'file':
      return toAttachments(FileContent.safeParse(content), toNamed('file', 'file'));
    case 'audio':
      // Feishu records in this format, and gives it no name.
      return toAttachments(FileContent.safeParse(content), toNamed('audio', 'voice.opus'));
    case 'media':
      return toAttachments(FileContent.safeParse(content), toNamed('video', 'video.mp4'));
    case 'post':
      return postMedia(content).map((media, index) => {
        const number = index === 0 ? '' : `-${index + 1}`;
        return 'imageKey' in media
          ? { key: media.imageKey, kind: 'image', name: `image${number}` }
          : { key: media.fileKey, kind: 'video', name: `video${number}.mp4` };
      });
    default:
      return [];
  }
}

function toNamed(kind: IncomingAttachment['kind'], unnamed: string) {
  return ({ file_key: key, file_name: name = '' }: z.infer<typeof FileContent>): IncomingAttachment => ({
    key,
    kind,
    name: name || unnamed,
  });
}

function toAttachments<T>(
  parsed: z.ZodSafeParseResult<T>,
  toAttachment: (content: T) => IncomingAttachment,
): readonly IncomingAttachment[] {
  return parsed.success ? [toAttachment(parsed.data)] : [];
}
