import { cardkitRoutes } from './cardkit-routes.ts';
import { isRecord } from './content.ts';
import { messageRoutes } from './message-routes.ts';
import { reactionRoutes } from './reaction-routes.ts';
import { RestError } from './rest-error.ts';
import type { Platform, Route, RouteAnswer, RouteCall } from './route.ts';
import { textField } from './route.ts';
import type { Upload } from './uploads.ts';

/** Every call that the server knows: a further one is one entry, here or in the list of its subject. */
export const routes: readonly Route[] = [
  { method: 'POST', path: '/auth/v3/tenant_access_token/internal', open: true, answer: issueToken },
  { method: 'POST', path: '/callback/ws/endpoint', open: true, answer: openEndpoint },
  { method: 'GET', path: '/bot/v3/info', answer: describeBot },
  { method: 'GET', path: '/event/v1/connection', answer: countConnections },
  ...messageRoutes,
  ...reactionRoutes,
  ...cardkitRoutes,
  { method: 'GET', path: '/im/v1/messages/:message_id/resources/:key', answer: downloadResource },
  { method: 'POST', path: '/im/v1/files', answer: uploadFile },
  { method: 'POST', path: '/im/v1/images', answer: uploadImage },
  { method: 'POST', path: '/speech_to_text/v1/speech/file_recognize', answer: recognizeSpeech },
];

function issueToken({ appId, appSecret, tokens }: Platform, { body }: RouteCall): RouteAnswer {
  // These refusals come with HTTP 200.
  if (body.app_id !== appId) throw new RestError(10003, 'invalid param', 200);
  if (body.app_secret !== appSecret) throw new RestError(10014, 'app secret invalid', 200);
  const { token, expiresInS } = tokens.issue();
  return { tenant_access_token: token, expire: expiresInS };
}

function openEndpoint({ appId, appSecret, sockets, host }: Platform, { body }: RouteCall): RouteAnswer {
  if (body.AppID !== appId || body.AppSecret !== appSecret) {
    throw new RestError(1000040345, 'app_id or app_secret is invalid', 200);
  }
  return { data: sockets.endpoint(host) };
}

function describeBot({ botOpenId, botName }: Platform): RouteAnswer {
  return { bot: { activate_status: 2, app_name: botName, avatar_url: '', ip_white_list: [], open_id: botOpenId } };
}

function countConnections({ settings, sockets }: Platform): RouteAnswer {
  return { data: { online_instance_cnt: settings.onlineInstances ?? sockets.live } };
}

function downloadResource({ uploads }: Platform, { path, query }: RouteCall): RouteAnswer {
  const kind = query.get('type');
  if (kind !== 'image' && kind !== 'file') throw new RestError(234001, 'Invalid request param.');
  return uploads.ofMessage(path.message_id ?? '', path.key ?? '').bytes;
}

async function uploadFile({ uploads }: Platform, { form }: RouteCall): Promise<RouteAnswer> {
  const upload: Upload = await uploads.receive('file', form);
  return { data: { file_key: upload.key } };
}

async function uploadImage({ uploads }: Platform, { form }: RouteCall): Promise<RouteAnswer> {
  const upload: Upload = await uploads.receive('image', form);
  return { data: { image_key: upload.key } };
}

function recognizeSpeech({ settings }: Platform, { body }: RouteCall): RouteAnswer {
  if (!settings.canRecognizeSpeech) {
    throw new RestError(99991672, 'Access denied. One of the following scopes is required: [speech_to_text:speech].');
  }
  const { speech } = objectField(body, 'speech');
  const config = objectField(body, 'config');
  if (typeof speech !== 'string' || Buffer.from(speech, 'base64').length === 0) {
    throw new RestError(99992402, 'field validation failed: speech.speech');
  }
  if (!/^\w{16}$/.test(textField(config, 'file_id'))) {
    throw new RestError(99992402, 'field validation failed: config.file_id');
  }
  if (config.format !== 'pcm' || config.engine_type !== '16k_auto') {
    throw new RestError(99992402, 'field validation failed: config.format, config.engine_type');
  }
  return { data: { recognition_text: settings.recognizes } };
}

function objectField(body: RouteCall['body'], field: string): Readonly<Record<string, unknown>> {
  const value = body[field];
  if (!isRecord(value)) throw new RestError(99992402, `field validation failed: ${field}`);
  return value;
}
