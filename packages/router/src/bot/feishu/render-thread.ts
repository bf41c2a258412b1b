import { answerApart } from '@phonework/shared/apart';
import type { RenderingOrder } from './render-apart.ts';
import { render } from './render-apart.ts';

answerApart((order: RenderingOrder) => render(order));
