import { useSyncExternalStore } from "react";
import type { Store } from "../state/store.ts";

/** The state as published, once per frame. */
export function useStore<State>(store: Store<State>): State {
  return useSyncExternalStore(store.subscribe, store.published, store.published);
}
