/** How a room behaves: as its deployment says, and before that, as was set for this room alone. */
import type { OwnSettings, RoomBehaviour, SettingsPatch } from "../settings.ts";

/** Where what was set for this room alone is kept. */
export type OwnSettingsStore = {
  /** JSON text; undefined if nothing was set. */
  load(): string | undefined;
  save(own: string | undefined): void;
};

export class Behaviour {
  readonly #defaults: RoomBehaviour;
  readonly #open: () => OwnSettingsStore;
  #current: RoomBehaviour | undefined;

  /** @param open is called when the settings are first needed */
  constructor(defaults: RoomBehaviour, open: () => OwnSettingsStore) {
    this.#defaults = defaults;
    this.#open = open;
  }

  get current(): RoomBehaviour {
    this.#current ??= effective(this.#defaults, this.#own);
    return this.#current;
  }

  change(patch: SettingsPatch): void {
    const own = patched(this.#own, patch);
    const text = JSON.stringify(own);
    this.#open().save(text === "{}" ? undefined : text);
    this.#current = effective(this.#defaults, own);
  }

  get #own(): OwnSettings {
    return JSON.parse(this.#open().load() ?? "{}");
  }
}

/** What holds in the end. */
export function effective(defaults: RoomBehaviour, { keep, ...own }: OwnSettings): RoomBehaviour {
  return { ...defaults, ...own, retention: { ...defaults.retention, ...keep } };
}

/** What is set for the room after `patch`. */
export function patched(own: OwnSettings, { keep, ...patch }: SettingsPatch): OwnSettings {
  const { keep: kept, ...others } = own;
  const keeps = keep === null ? {} : merged(kept ?? {}, keep ?? {});
  const isAny = Object.keys(keeps).length > 0;
  return { ...merged(others, patch), ...(isAny && { keep: keeps }) };
}

/** Null takes a member out; undefined leaves it. */
function merged<T extends object>(
  own: T,
  patch: { readonly [K in keyof T]?: T[K] | null | undefined },
): T {
  const result = { ...own };
  for (const name of Object.keys(patch) as (keyof T)[]) {
    const value = patch[name];
    if (value === null) delete result[name];
    else if (value !== undefined) result[name] = value;
  }
  return result;
}
