import { Switch } from "#proto/ingest.ts";
import type { Settings } from "#proto/ingest.ts";
import type { SettingsSource } from "../../../control/ingest/settings.ts";

/** The same settings for every reporter, for good. */
export function fixedSettings(settings: Settings): SettingsSource {
  return {
    areExemplarsKept: settings.exemplars !== Switch.SWITCH_OFF,
    follow: () => ({ now: () => settings, end: () => undefined }),
  };
}
