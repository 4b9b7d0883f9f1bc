// OpenClaw as it is: a plugin entry that registers a provider, whose catalog is data and whose transport is a StreamFn
// of @openclaw/ai or its own; or an API provider of that registry, { api, stream }. A stream ends with one `done` or
// `error` event and never throws.

import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { failoverReason } from './openclaw_reasons.mjs';

export async function open(target, module) {
  const provider = typeof target.register === 'function' ? registered(target) : null;
  const direct = !provider && typeof target.stream === 'function' && typeof target.api === 'string';
  if (!provider && !direct) return null;
  return {
    hello: {
      aborts: true,
      host: 'openclaw',
      why: provider ? 'registers a provider' : `is the API provider of ${target.api}`,
      name: String(provider?.id ?? target.name ?? target.api),
      capabilities: { streaming: true, tools: true, images: true, structured_output: false, timeout: true, ...target.capabilities },
      asks: ['stream'],
    },
    build: async (given) => ({ ...given, ...(provider ? await transport(provider, given, module) : { stream: target.stream.bind(target), api: target.api }) }),
    request: (question) => context(question),
    ask,
    classify: failoverReason,
    aborted: (error) => error?.reason === 'aborted',
  };
}

function registered(entry) {
  let found = null;
  const api = new Proxy({ registerProvider: (provider) => { found = provider; }, pluginConfig: {}, config: {} }, {
    get: (known, name) => known[name] ?? (() => undefined),
  });
  entry.register(api);
  return found;
}

// The catalog's entry, pointed at the kit; and who sends.
async function transport(provider, { api_key, base_url, model }, module) {
  const key = () => ({ apiKey: api_key ?? provider.envVars?.map((name) => process.env[name]).find(Boolean) });
  const ctx = { env: process.env, config: {}, resolveProviderApiKey: key, resolveProviderAuth: key };
  const found = await (provider.catalog.run ?? provider.catalog.buildProvider)(ctx);
  const told = found?.provider ?? (found?.models ? found : null);
  if (!told) throw Object.assign(new Error(`${provider.id}: its catalog is null: there is no API key`), { reason: 'auth' });
  const entry = { ...told.models?.[0], api: told.models?.[0]?.api ?? told.api };
  const ctxOfStream = { provider: provider.id, modelId: model, model: { ...entry, id: model, baseUrl: base_url } };
  const stream = provider.createStreamFn?.(ctxOfStream) ?? (await builtIn(entry.api, module));
  return { stream, api: entry.api, apiKey: told.apiKey, entry };
}

async function builtIn(api, module) {
  const require = createRequire(fileURLToPath(module));
  let runtime;
  try {
    const load = async (name) => import(pathToFileURL(require.resolve(name)).href).catch(() => import(name));
    const { createLlmRuntime } = await load('@openclaw/ai');
    const { registerBuiltInApiProviders } = await load('@openclaw/ai/providers');
    runtime = createLlmRuntime();
    registerBuiltInApiProviders(runtime.registry);
  } catch (error) {
    throw new Error(`this plugin has no createStreamFn, and its transport ${api} is in @openclaw/ai, which is not installed beside it`, { cause: error });
  }
  return (...args) => runtime.registry.getApiProvider(api).stream(...args);
}

function context({ messages = [], tools }) {
  const system = messages.filter((m) => m.role === 'system').map((m) => m.content).join('\n');
  const names = new Map(messages.flatMap((m) => m.tool_calls ?? []).map(({ id, name }) => [id, name]));
  return {
    ...(system ? { systemPrompt: system } : {}),
    messages: messages.filter((m) => m.role !== 'system').map((m) => message(m, names)),
    ...(tools ? { tools: tools.map(({ name, description = '', parameters }) => ({ name, description, parameters })) } : {}),
  };
}

function message({ role, content = '', tool_calls: calls = [], tool_call_id: id }, names) {
  const parts = typeof content === 'string' ? (content ? [{ type: 'text', text: content }] : []) : content.map(part);
  const timestamp = 0;
  if (role === 'tool') return { role: 'toolResult', toolCallId: id, toolName: names.get(id) ?? '', content: parts, isError: false, timestamp };
  if (role !== 'assistant') return { role, content: typeof content === 'string' ? content : parts, timestamp };
  const called = calls.map(({ id: callId, name, arguments: given = {} }) => ({ type: 'toolCall', id: callId, name, arguments: given }));
  return { role, content: [...parts, ...called], stopReason: called.length ? 'toolUse' : 'stop', timestamp };
}

const part = ({ text, data, media_type: mimeType = 'image/png' }) => (text === undefined ? { type: 'image', data, mimeType } : { type: 'text', text });

async function ask(adapter, question, asked, listener) {
  const { stop } = listener;
  const { base_url: baseUrl, api_key: key, apiKey, model: own, timeout, entry, api, stream } = adapter;
  const id = question.model ?? own;
  const model = {
    reasoning: true, input: ['text', 'image'], cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }, contextWindow: 131072,
    maxTokens: 4096, provider: 'kit', ...entry, api, baseUrl, id, name: id,
  };
  const options = {
    ...Object.fromEntries(Object.entries({ temperature: question.temperature, maxTokens: question.max_tokens }).filter(([, v]) => v !== undefined)),
    ...(question.stop ? { stop: question.stop } : {}),
    ...(question.tool_choice ? { toolChoice: choice(question.tool_choice, api) } : {}),
    apiKey: apiKey ?? key,
    timeoutMs: (question.timeout ?? timeout) * 1000,
    signal: stop.signal,
  };
  const events = await stream(model, asked, options);
  let last = null;
  for await (const event of events) {
    if (event.type === 'text_delta') listener.event({ text: event.delta });
    if (event.type === 'thinking_delta') listener.event({ reasoning: event.delta });
    if (event.type === 'error') throw failed(event.error);
    if (event.type === 'done') {
      last = reply(event.message);
      listener.event({ done: last });
    }
    if (listener.full) {
      stop.abort();
      await events.return?.();
      listener.left();
      return { end: true };
    }
  }
  if (!last) throw new Error('the stream ended without a done or error event');
  return question.op === 'generate' ? { reply: last } : { end: true };
}

// In the words of the API that the transport speaks.
function choice(name, api) {
  const anthropic = api === 'anthropic-messages';
  if (name === 'required') return anthropic ? 'any' : name;
  if (['auto', 'none'].includes(name)) return name;
  return anthropic ? { type: 'tool', name } : { type: 'function', function: { name } };
}

const FINISH = { stop: 'stop', length: 'length', toolUse: 'tool_calls' };

function reply({ content, stopReason, usage, model, responseModel, responseId }) {
  const of = (type, field) => content.filter((c) => c.type === type).map((c) => c[field]).join('');
  return {
    text: of('text', 'text'),
    finish_reason: FINISH[stopReason] ?? 'unknown',
    tool_calls: content.filter((c) => c.type === 'toolCall').map(({ id, name, arguments: given }) => ({ id, name, arguments: given })),
    reasoning: of('thinking', 'thinking') || null,
    usage: usage ? counts(usage) : null,
    model: responseModel ?? model ?? null,
    id: responseId ?? null,
  };
}

// What was cached is told apart here, and a part of the prompt on the wire.
function counts({ input, output, cacheRead = 0, cacheWrite = 0, totalTokens }) {
  const count = (n) => (Number.isInteger(n) ? n : null);
  return { input_tokens: count(input + cacheRead + cacheWrite), output_tokens: count(output), total_tokens: count(totalTokens) };
}

// The terminal event as what a host would make of it: its fields, and its text.
function failed(message) {
  const { errorMessage = '', errorCode, errorType, errorBody, stopReason } = message;
  const error = new Error(String(errorMessage));
  error.name = 'AssistantError';
  const status = Number(errorCode);
  const fields = { code: errorCode, errorType, errorBody, reason: stopReason, ...(status >= 400 && status < 600 ? { status } : {}) };
  Object.assign(error, Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined)));
  const wait = /Retry-After: (\d+(?:\.\d+)?)/i.exec(errorMessage);
  if (wait) error.retryAfter = Number(wait[1]);
  return error;
}
