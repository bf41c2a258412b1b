import { answerApart } from '@phonework/shared/apart';
import { judge } from './policy.ts';

answerApart(({ command, folder }: { readonly command: string; readonly folder?: string }) => judge(command, folder));
