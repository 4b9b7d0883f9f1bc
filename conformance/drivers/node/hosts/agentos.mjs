// AgentOS: a class that implements IProvider. Built plainly, then `initialize`d; responses and chunks are of one type.

import { decider } from './agentos_decides.mjs';

export async function open(target, module) {
  const made = typeof target === 'function' ? target : target.constructor;
  if (typeof made?.prototype?.generateCompletion !== 'function') return null;
  const has = (name) => typeof made.prototype[name] === 'function';
  return {
    hello: {
      aborts: true,
      host: 'agentos',
      why: 'has generateCompletion, an IProvider',
      name: '',
      capabilities: {
        streaming: has('generateCompletionStream'), tools: true, images: true, embeddings: has('generateEmbeddings'),
        model_listing: has('listAvailableModels'), health: has('checkHealth'), structured_output: !ONLY_JSON.includes(new made().providerId),
        ...made.capabilities,
      },
    },
    build: async (given) => {
      const provider = new made();
      const { base_url: baseURL, api_key: apiKey, model: defaultModelId, timeout, options } = given;
      const config = { baseURL, apiKey, defaultModelId, requestTimeout: timeout * 1000, ...options };
      await provider.initialize(Object.fromEntries(Object.entries(config).filter(([, v]) => v !== undefined)));
      return { provider, name: provider.providerId, model: given.model };
    },
    request: (question, { name }) => ({ messages: (question.messages ?? []).map(message), options: options(question, name), texts: question.texts ?? [] }),
    ask,
    classify,
    decide: await decider(module),
    aborted: (error) => error?.type === 'abort',
    close: ({ provider }) => provider.shutdown?.(),
  };
}

function message({ role, content = '', tool_calls: calls, tool_call_id: answers }) {
  const told = { role, content: typeof content === 'string' ? (calls && !content ? null : content) : content.map(part) };
  if (calls) told.tool_calls = calls.map(({ id, name, arguments: given = {} }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(given) } }));
  if (answers) told.tool_call_id = answers;
  return told;
}

const part = ({ text, url, data, media_type: type = 'image/png' }) =>
  text === undefined ? { type: 'image_url', image_url: { url: url ?? `data:${type};base64,${data}` } } : { type: 'text', text };

function options(question, provider) {
  const { temperature, top_p: topP, max_tokens: maxTokens, stop: stopSequences, tools, tool_choice: choice, response_schema: schema } = question;
  const named = choice && !['auto', 'none', 'required'].includes(choice);
  const told = {
    temperature, topP, maxTokens, stopSequences,
    tools: tools?.map(({ name, description = '', parameters }) => ({ type: 'function', function: { name, description, parameters } })),
    toolChoice: named ? { type: 'function', function: { name: choice } } : choice,
    responseFormat: schema && format(schema, provider),
    effort: question.reasoning_effort,
    requestTimeout: question.timeout * 1000,
  };
  return Object.fromEntries(Object.entries(told).filter(([, v]) => v !== undefined));
}

// As `buildResponseFormat` of the host has it: each in the form that its provider takes. Of some it only asks for JSON.
const ONLY_JSON = ['openrouter', 'ollama', 'groq', 'together', 'mistral', 'xai'];

function format({ name, schema, strict = true }, provider) {
  if (provider === 'anthropic') return { _agentosUseToolForStructuredOutput: true, tool: { name, input_schema: schema } };
  if (/^gemini/.test(provider ?? '')) return { type: 'json_object', _gemini: { responseSchema: schema } };
  return { type: 'json_schema', json_schema: { name, schema, strict } };
}

async function ask({ provider, model: own }, question, { messages, options: given, texts }, listener) {
  const model = question.model ?? own;
  switch (question.op) {
    case 'embed':
      return { vectors: (await provider.generateEmbeddings(model, texts)).data.sort((a, b) => a.index - b.index).map((row) => row.embedding) };
    case 'list_models':
      return { models: (await provider.listAvailableModels()).map((m) => m.modelId ?? m.id) };
    case 'health': {
      const { isHealthy, details } = await provider.checkHealth();
      return { health: { ok: isHealthy, detail: typeof details === 'string' ? details : JSON.stringify(details ?? '') } };
    }
    case 'generate': {
      const response = await provider.generateCompletion(model, messages, { ...given, abortSignal: listener.stop.signal });
      if (response.error) throw inBand(response.error);
      return { reply: reply(response, collected()) };
    }
    default:
      return stream(provider, model, messages, given, listener);
  }
}

async function stream(provider, model, messages, given, listener) {
  const { stop } = listener;
  const so = collected();
  for await (const chunk of provider.generateCompletionStream(model, messages, { ...given, abortSignal: stop.signal })) {
    if (chunk.error) throw inBand(chunk.error);
    if (chunk.responseTextDelta) {
      so.text += chunk.responseTextDelta;
      listener.event({ text: chunk.responseTextDelta });
    }
    for (const delta of chunk.toolCallsDeltas ?? []) piece(so.calls, delta);
    so.usage = chunk.usage ?? so.usage;
    so.finish = chunk.choices?.[0]?.finishReason ?? so.finish;
    if (chunk.isFinal) listener.event({ done: reply(chunk, so) });
    if (listener.full) {
      stop.abort();
      break;
    }
  }
  if (listener.full) listener.left();
  return { end: true };
}

const collected = () => ({ text: '', calls: new Map(), usage: undefined, finish: undefined });

function piece(calls, { index, id, function: f = {} }) {
  const call = calls.get(index) ?? { id: '', name: '', arguments: '' };
  calls.set(index, { id: call.id || id || '', name: call.name || f.name || '', arguments: call.arguments + (f.arguments_delta ?? '') });
}

// Of a whole response, or of the last chunk and what came before it.
function reply(response, so) {
  const choice = response.choices?.[0] ?? {};
  const said = choice.message ?? {};
  const text = Array.isArray(said.content) ? said.content.map((p) => p.text ?? '').join('') : said.content;
  const calls = said.tool_calls?.map(({ id, function: f }) => ({ id, ...f })) ?? [...so.calls.values()];
  const { promptTokens, completionTokens, totalTokens } = response.usage ?? so.usage ?? {};
  const none = [promptTokens, completionTokens, totalTokens].every((n) => n === undefined);
  return {
    text: so.text || text || choice.text || '', // in a stream the host puts together what came in pieces
    finish_reason: finish(choice.finishReason ?? so.finish),
    tool_calls: calls.map(({ id, name, arguments: given }) => ({ id, name, arguments: typeof given === 'string' ? JSON.parse(given || '{}') : given })),
    usage: none ? null : { input_tokens: promptTokens ?? null, output_tokens: completionTokens ?? null, total_tokens: totalTokens ?? null },
    model: response.modelId ?? null,
    id: response.id ?? null,
  };
}

const FINISH = { stop: 'stop', length: 'length', tool_calls: 'tool_calls', function_call: 'tool_calls', content_filter: 'content_filter' };
const finish = (word) => FINISH[word] ?? 'unknown';

// The host throws an Error that has the message alone; a status beside it is lost to what decides.
function inBand({ message: text, code, type, details }) {
  return Object.assign(new Error(text), { name: 'ProviderError', code, type, details });
}

// What the host does with it: `isRetryableError` (fails over) and the breaker (for how long) read status and words.
function classify(error) {
  const status = error.httpStatus ?? error.statusCode ?? error.status ?? Number(/\[(\d{3})\]/.exec(error.message)?.[1]);
  const said = `${error.message ?? ''}`;
  if (status === 402) return 'billing';
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'rate_limit'; // whatever it says
  if ([500, 502, 503, 504].includes(status)) return 'unavailable';
  const word = /\b(401|402|403|429|500|502|503|504)\b/.exec(said)?.[1];
  if (word) return classify({ httpStatus: Number(word), message: said.replace(word, '') });
  if (/fetch failed|ECONNREFUSED|ETIMEDOUT|ENOTFOUND/.test(said)) return 'unavailable';
  if (/credit|quota|billing/i.test(said)) return 'billing';
  if (/rate.?limit|too many requests/i.test(said)) return 'rate_limit';
  return 'other';
}
