// A resolve hook: what a plugin imports of its host, where the host's package is not installed, is the kit's stand-in.

const STAND_IN = new URL('./openclaw_stand_in.mjs', import.meta.url).href;

export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!/^openclaw\/plugin-sdk(\/|$)/.test(specifier)) throw error;
    return { url: STAND_IN, format: 'module', shortCircuit: true };
  }
}
