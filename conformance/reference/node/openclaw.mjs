// A plugin for OpenClaw as it is: a catalog that is data, and a transport of its own (createStreamFn).

import { defineSingleProviderPluginEntry } from 'openclaw/plugin-sdk/provider-entry';
import OpenAIChat from './openai_chat.mjs';

const NONE = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
const STOP = { stop: 'stop', length: 'length', tool_calls: 'toolUse' };

// The events of one answer: `start`, deltas, then exactly one `done` or `error`. It never throws.
export async function* events(model, context, options) {
  const base = { role: 'assistant', api: model.api, provider: model.provider, model: model.id, timestamp: Date.now() };
  const chat = new OpenAIChat({ api_key: options.apiKey, base_url: model.baseUrl, model: model.id, timeout: options.timeoutMs / 1000 });
  let text = '';
  try {
    yield { type: 'start', partial: { ...base, content: [] } };
    for await (const event of chat.stream(request(context, options), options.signal)) {
      text += event.text ?? '';
      if (event.text) yield { type: 'text_delta', contentIndex: 0, delta: event.text };
      if (event.reasoning) yield { type: 'thinking_delta', contentIndex: 0, delta: event.reasoning };
      if (event.done) {
        const message = { ...base, ...finished(event.done) };
        yield { type: 'done', reason: message.stopReason, message };
      }
    }
  } catch (error) {
    const reason = options.signal?.aborted ? 'aborted' : 'error';
    yield { type: 'error', reason, error: { ...base, content: text ? [{ type: 'text', text }] : [], stopReason: reason, ...failed(error) } };
  }
}

function request({ systemPrompt, messages, tools }, { temperature, maxTokens, stop, toolChoice }) {
  const system = systemPrompt ? [{ role: 'system', content: systemPrompt }] : [];
  return { messages: [...system, ...messages.map(message)], tools, temperature, max_tokens: maxTokens, stop, tool_choice: toolChoice?.function?.name ?? toolChoice };
}

function message({ role, content, toolCallId }) {
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  const text = parts.filter((p) => p.type === 'text').map((p) => p.text).join('');
  const told = { role: role === 'toolResult' ? 'tool' : role, content: role === 'user' && Array.isArray(content) ? content.map(part) : text };
  const calls = parts.filter((p) => p.type === 'toolCall').map(({ id, name, arguments: given }) => ({ id, name, arguments: given }));
  return { ...told, ...(calls.length ? { tool_calls: calls } : {}), ...(toolCallId ? { tool_call_id: toolCallId } : {}) };
}

const part = ({ type, text, data, mimeType }) => (type === 'image' ? { data, media_type: mimeType } : { text });

function finished({ text, refusal, reasoning, tool_calls: calls, finish_reason: finish, usage, model, id }) {
  if (finish === 'content_filter') throw Object.assign(new Error('content_filter: a filter stopped the answer'), { code: 'content_filter' });
  return {
    content: [
      ...(reasoning ? [{ type: 'thinking', thinking: reasoning }] : []),
      ...(text || refusal ? [{ type: 'text', text: text || refusal }] : []), // there is no other place for a refusal
      ...calls.map((call) => ({ type: 'toolCall', ...call })),
    ],
    stopReason: calls.length ? 'toolUse' : STOP[finish] ?? 'stop',
    usage: { ...NONE, input: usage?.input_tokens ?? 0, output: usage?.output_tokens ?? 0, totalTokens: usage?.total_tokens ?? 0, cost: { ...NONE, total: 0 } },
    ...(model ? { responseModel: model } : {}),
    ...(id ? { responseId: id } : {}),
  };
}

// Retry-After reaches the host in the message.
function failed({ message: text, kind, status, code, retry_after: wait }) {
  const waiting = wait === undefined ? '' : `; Retry-After: ${wait} seconds`;
  return { errorMessage: `${text}${waiting}`, errorCode: String(status ?? code ?? kind), errorType: code ?? kind };
}

export const plugin = (transport) => defineSingleProviderPluginEntry({
  id: 'openai-chat-js',
  name: 'OpenAI chat',
  description: 'Any server that speaks the OpenAI chat API.',
  provider: {
    label: 'OpenAI chat',
    docsPath: '/providers/openai-chat-js',
    auth: [{ methodId: 'api-key', label: 'API key', optionKey: 'openaiChatJsKey', flagName: '--key', envVar: 'OPENAI_API_KEY', promptMessage: 'Key' }],
    catalog: {
      buildProvider: () => ({
        baseUrl: 'https://api.openai.com/v1',
        api: 'openai-completions',
        models: [{ id: 'gpt-4o-mini', name: 'GPT-4o mini', reasoning: false, input: ['text', 'image'], cost: NONE, contextWindow: 128000, maxTokens: 16384 }],
      }),
    },
    createStreamFn: () => transport,
  },
});

export default plugin(events);
