// A plugin in the form of OpenClaw's guide: defineSingleProviderPlugin, with a client that streams by callbacks.

import { defineSingleProviderPlugin } from 'openclaw/plugin-sdk/provider-entry';
import OpenAIChat from './openai_chat.mjs';

export class CallbackProvider {
  constructor({ apiKey, baseURL, model, timeout }) {
    this.chat = new OpenAIChat({ api_key: apiKey, base_url: baseURL, model, timeout });
  }

  async listModels() {
    return (await this.chat.list_models()).map((id) => ({ id, label: id }));
  }

  async stream({ messages, model, signal, onTextDelta, onComplete }) {
    for await (const event of this.chat.stream({ messages, model: model.id }, signal)) {
      if (event.text) onTextDelta(event.text);
      if (!event.done) continue;
      const { text, refusal, finish_reason: finish } = event.done; // of which only a text can be told
      if (finish === 'content_filter') throw new Error('a filter stopped the answer');
      onComplete({ fullText: text || refusal || '' });
    }
  }
}

export const plugin = (Provider) => defineSingleProviderPlugin({
  id: 'openai-chat-js',
  name: 'OpenAI chat',
  provider: {
    id: 'openai-chat-js',
    auth: [{ methodId: 'api-key', envVar: 'OPENAI_API_KEY' }],
    catalog: {
      staticModels: [{ id: 'gpt-4o-mini', contextWindow: 128000, maxOutputTokens: 16384 }],
      buildProvider: (given) => new Provider(given),
    },
  },
});

export default plugin(CallbackProvider);
