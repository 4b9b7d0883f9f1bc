// What plugins import of openclaw/plugin-sdk, as far as a provider needs it. Both interfaces: the guide's and the real one.

export function definePluginEntry(entry) {
  return entry;
}

// The real one: registers a provider whose catalog is data, and null without a key.
export function defineSingleProviderPluginEntry(entry) {
  const { id, name, description, provider, register } = entry;
  const { auth = [], catalog, envVars, ...rest } = provider;
  const run = catalog?.run ?? (async (ctx) => {
    const { apiKey } = ctx.resolveProviderApiKey(id);
    return apiKey ? { provider: { ...(await catalog.buildProvider(ctx)), apiKey } } : null;
  });
  return {
    id,
    name,
    description,
    register(api) {
      const variables = envVars ?? auth.map((way) => way.envVar).filter(Boolean);
      api.registerProvider({ id, ...rest, envVars: variables, auth, catalog: { ...catalog, run } });
      register?.(api);
    },
  };
}

// The guide's: a client, built by `provider.catalog.buildProvider`.
export function defineSingleProviderPlugin(plugin) {
  return { ...plugin, singleProviderPlugin: true };
}
