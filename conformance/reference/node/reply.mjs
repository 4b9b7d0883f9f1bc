// A chat-completions answer, whole or in pieces, as the contract's reply. What is not the protocol's is malformed.

import { isObject } from './errors.mjs';

const FINISH = {
  stop: 'stop', eos: 'stop', length: 'length', model_length: 'length', tool_calls: 'tool_calls', function_call: 'tool_calls',
  content_filter: 'content_filter', sensitive: 'content_filter',
};

export const optional = (value) => (typeof value === 'string' && value ? value : null);
export const finish = (value) => (Object.hasOwn(FINISH, value ?? '') ? FINISH[value] : 'unknown');

// Content is text, nothing, a list of typed parts of which the texts count, or (Cloudflare) parsed JSON.
export function textOf(content, malformed) {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.filter((p) => p?.type === 'text').map((p) => textOf(p.text, malformed)).join('');
  if (isObject(content)) return JSON.stringify(content);
  throw malformed(`content of type ${typeof content}`);
}

// Under one of its two names, among the parts of the content (Mistral), or in details alone (Snowflake).
export function reasoningOf(message, malformed) {
  const objects = (value) => (Array.isArray(value) ? value.filter(isObject) : []);
  const parts = objects(message.content).map((p) => textOf(p.thinking, malformed)).join('');
  const details = objects(message.reasoning_details).map((d) => optional(d.text) ?? '').join('');
  return optional(message.reasoning_content) || optional(message.reasoning) || parts || details || null;
}

// What calls tools; before there were `tool_calls`, one `function_call`.
export function callsOf(message) {
  const legacy = message.function_call;
  return isObject(legacy) && Object.values(legacy).some(Boolean) ? [{ function: legacy }] : message.tool_calls;
}

export function toolCalls(calls, malformed) {
  if (calls === null || calls === undefined) return [];
  if (!Array.isArray(calls) || !calls.every(isObject)) throw malformed('tool_calls that are not a list of calls');
  return calls.map(({ id, function: f }) => {
    if (!isObject(f) || typeof f.name !== 'string') throw malformed('a tool call without a function name');
    // Some servers send no id, and history needs one.
    return { id: optional(id) ?? `call_${crypto.randomUUID()}`, name: f.name, arguments: argumentsOf(f.arguments, malformed) };
  });
}

// An empty string means no arguments; half an object means nothing at all.
function argumentsOf(value, malformed) {
  let parsed = value;
  if (typeof value === 'string' || value === null || value === undefined) {
    try {
      parsed = JSON.parse(value || '{}');
    } catch {
      parsed = undefined;
    }
  }
  if (!isObject(parsed)) throw malformed('tool call arguments that are not a JSON object');
  return parsed;
}

export function usageOf(usage) {
  if (!isObject(usage)) return null;
  const count = (value) => (Number.isInteger(value) ? value : null);
  return { input_tokens: count(usage.prompt_tokens), output_tokens: count(usage.completion_tokens), total_tokens: count(usage.total_tokens) };
}

export function reply(data, message, finishReason, malformed) {
  return {
    text: textOf(message.content, malformed),
    finish_reason: finish(finishReason),
    tool_calls: toolCalls(callsOf(message), malformed),
    refusal: optional(message.refusal),
    reasoning: reasoningOf(message, malformed),
    usage: usageOf(data.usage),
    model: optional(data.model),
    id: optional(data.id),
  };
}

// A list of numbers, or the same as little-endian float32 in base64.
export function vectorOf(value, malformed) {
  let vector = value;
  if (typeof value === 'string') {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value)) throw malformed('an embedding that is not base64');
    const raw = Buffer.from(value, 'base64');
    if (raw.length % 4) throw malformed('an embedding that is not base64');
    vector = Array.from({ length: raw.length / 4 }, (_, n) => raw.readFloatLE(4 * n));
  }
  if (!Array.isArray(vector) || !vector.every(Number.isFinite)) throw malformed('an embedding that is not a list of numbers');
  return vector;
}
