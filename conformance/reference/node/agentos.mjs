// An IProvider of AgentOS: calls throw, and so does a stream that did not begin, for only then does the host see a status.
// One that began ends with one chunk that is final, which tells a failure too.

import { isObject } from './errors.mjs';
import OpenAIChat from './openai_chat.mjs';

export class AgentosOpenAI {
  providerId = 'openai-chat-js';
  isInitialized = false;

  async initialize({ apiKey, baseURL, defaultModelId, requestTimeout = 60_000 }) {
    this.chat = new OpenAIChat({ api_key: apiKey, base_url: baseURL, model: defaultModelId, timeout: requestTimeout / 1000 });
    this.defaultModelId = defaultModelId;
    this.isInitialized = true;
  }

  async generateCompletion(modelId, messages, options) {
    return told(await thrown(this.chat.generate(request(modelId, messages, options), options.abortSignal)));
  }

  async *generateCompletionStream(modelId, messages, options) {
    const base = { object: 'chat.completion.chunk', created: Date.now(), modelId };
    let begun = false;
    try {
      for await (const event of this.chat.stream(request(modelId, messages, options), options.abortSignal)) {
        begun = true;
        if (event.text) yield { ...base, choices: [], responseTextDelta: event.text };
        if (event.done) yield { ...told(event.done), isFinal: true };
      }
    } catch (error) {
      const aborted = options.abortSignal?.aborted;
      if (!begun && !aborted) throw withStatus(error);
      const type = aborted ? 'abort' : error.kind;
      const found = status(error);
      const message = found === undefined ? error.message : `[${found}] ${error.message}`;
      yield { ...base, choices: [], isFinal: true, error: { message, type, code: error.code, details: { httpStatus: found } } };
    }
  }

  async generateEmbeddings(modelId, texts) {
    const { vectors } = await thrown(this.chat.embed(texts));
    return { modelId, data: vectors.map((embedding, index) => ({ index, embedding })) };
  }

  async listAvailableModels() {
    return (await thrown(this.chat.list_models())).map((modelId) => ({ modelId, capabilities: [] }));
  }

  async getModelInfo(modelId) {
    return (await this.listAvailableModels()).find((model) => model.modelId === modelId);
  }

  async checkHealth() {
    const { ok, detail } = await this.chat.health();
    return { isHealthy: ok, details: detail };
  }

  async shutdown() {
    this.isInitialized = false;
  }
}

function request(model, messages, options) {
  const { temperature, topP, maxTokens, stopSequences, tools, toolChoice, responseFormat, effort, customModelParams } = options;
  return {
    model, messages: messages.map(message), temperature, top_p: topP, max_tokens: maxTokens, stop: stopSequences, ...customModelParams,
    tools: tools?.map((tool) => tool.function), tool_choice: toolChoice?.function?.name ?? toolChoice,
    response_schema: responseFormat?.json_schema, reasoning_effort: effort,
  };
}

function message({ role, content, tool_calls: calls, tool_call_id: answers }) {
  const told = { role, content: Array.isArray(content) ? content.map(part) : content ?? '' };
  if (calls) told.tool_calls = calls.map(({ id, function: f }) => ({ id, name: f.name, arguments: JSON.parse(f.arguments) }));
  return answers === undefined ? told : { ...told, tool_call_id: answers };
}

const part = ({ text, image_url: image }) => (image ? { url: image.url } : { text });

// There is no refusal: what it says is the text then.
function told({ text, refusal, finish_reason: finish, tool_calls: calls, usage, model, id }) {
  const tool_calls = calls.map((call) => ({ id: call.id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } }));
  const count = (name) => usage?.[name] ?? undefined;
  return {
    id, object: 'chat.completion', created: Date.now(), modelId: model,
    choices: [{ index: 0, message: { role: 'assistant', content: text || refusal || '', ...(calls.length ? { tool_calls } : {}) }, finishReason: finish }],
    ...(isObject(usage) ? { usage: { promptTokens: count('input_tokens'), completionTokens: count('output_tokens'), totalTokens: count('total_tokens') } } : {}),
  };
}

// The host reads the status of an error, and words where it has none.
const STATUS = { auth: 401, billing: 402, permission: 403, rate_limit: 429, overloaded: 503, server: 500, network: 503, timeout: 504 };
const status = ({ kind, status: given }) => given ?? STATUS[kind];

async function thrown(promise) {
  try {
    return await promise;
  } catch (error) {
    throw withStatus(error);
  }
}

function withStatus(error) {
  const found = status(error);
  return Object.assign(error, { providerId: error.provider }, found === undefined ? {} : { httpStatus: found });
}
