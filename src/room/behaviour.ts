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
  const kept = keep === undefined ? own.keep : keep && { ...own.keep, ...keep };
  return withoutNulls({ ...own, ...patch, keep: kept && withoutNulls(kept) });
}

type WithoutNulls<T> = { readonly [K in keyof T]?: Exclude<T[K], null | undefined> };

function withoutNulls<T extends object>(members: T): WithoutNulls<T> {
  const set = Object.entries(members).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(set) as WithoutNulls<T>;
}
